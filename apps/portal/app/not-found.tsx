// What is not here, or not this person's to see: the two look the same.
import { ButtonLink } from '../ui/button.tsx';
import { Empty } from '../ui/notice.tsx';

export default function NotFound() {
  return (
    <main>
      <Empty
        page
        title="There is no such page, or it is not yours to see"
        action={<ButtonLink href="/runs">Go to the runs</ButtonLink>}
      >
        Check the address, and with which account you are signed in.
      </Empty>
    </main>
  );
}
