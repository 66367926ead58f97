// What is not here, or not this person's to see: the two look the same.
import { EntryPage } from '../features/entry/entry-page.tsx';
import { ButtonLink } from '../ui/button.tsx';

export default function NotFound() {
  return (
    <EntryPage
      title="There is no such page, or it is not yours to see"
      about="Check the address, and with which account you are signed in."
    >
      <div>
        <ButtonLink href="/runs">Go to the runs</ButtonLink>
      </div>
    </EntryPage>
  );
}
