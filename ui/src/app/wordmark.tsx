/** The name of the house. */

export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2.5 text-base font-semibold tracking-tight">
      <svg width="22" height="22" viewBox="0 0 32 32" aria-hidden="true">
        <path
          d="M4 20.5l6.5-9 5.5 5.5L28 5.5"
          fill="none"
          stroke="var(--accent)"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <path d="M4 27h24" stroke="var(--faint)" strokeWidth="2" strokeLinecap="round" strokeDasharray="1 4.2" />
      </svg>
      Livermore
    </span>
  );
}
