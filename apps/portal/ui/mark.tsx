// The sign of Stillwatt: a falling step of power that comes to rest.
export function Mark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden fill="none">
      <rect width="24" height="24" rx="6" fill="var(--accent)" />
      <path
        d="M4 7h4.5l2.5 9 2.5-5.5 1.5 5.5h5"
        stroke="var(--on-accent)"
        strokeWidth="2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
