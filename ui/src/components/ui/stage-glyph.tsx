/** The shape of a stage, drawn so that it reads at ten pixels and needs no font. */
import { alertLook, stageLook, type Shape } from "@/lib/colours";

const PATHS: Readonly<Record<Shape, { solid?: string; line?: string }>> = {
  "down-floor": { solid: "M2 1.5h8L6 7.5z", line: "M1.5 10.5h9" },
  up: { line: "M2 8l4-4.5L10 8" },
  "up-solid": { solid: "M6 2l4.6 8H1.4z" },
  "up-ceiling": { solid: "M6 4.5l4 6H2z", line: "M1.5 1.5h9" },
  down: { line: "M2 4l4 4.5L10 4" },
  "down-solid": { solid: "M6 10L1.4 2h9.2z" },
  level: { line: "M1.5 4.5h9M1.5 7.8h9" },
  "turn-up": { line: "M2 2v4.5a3 3 0 006 0V2.8M5.6 4.9L8 2.5l2.4 2.4" },
  "turn-down": { line: "M2 10V5.5a3 3 0 016 0v3.7M5.6 7.1L8 9.5l2.4-2.4" },
  dot: { solid: "M6 4.6a1.4 1.4 0 100 2.8 1.4 1.4 0 000-2.8z" },
};

interface StageGlyphProps {
  stage: string;
  size?: number;
}

/** Decoration beside a word, or beside a cell that names the stage itself. */
export function StageGlyph({ stage, size = 10 }: StageGlyphProps) {
  const { shape, colour } = stageLook(stage);
  return <Glyph shape={shape} colour={colour} size={size} />;
}

/** The mark of what an alert says happened, beside the words that say it. */
export function AlertGlyph({ label, size = 10 }: { label: string; size?: number }) {
  const { shape, colour } = alertLook(label);
  return <Glyph shape={shape} colour={colour} size={size} />;
}

function Glyph({ shape, colour, size }: { shape: Shape; colour: string; size: number }) {
  const { solid, line } = PATHS[shape];
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 12 12"
      aria-hidden="true"
      className="shrink-0"
      style={{ color: colour }}
    >
      {solid !== undefined && <path d={solid} fill="currentColor" />}
      {line !== undefined && (
        <path
          d={line}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}

/** The stage as glyph and word. */
export function StageName({ stage }: { stage: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <StageGlyph stage={stage} />
      {stageLook(stage).label}
    </span>
  );
}
