/** What the address of the logs says: which lines are shown. */
import { LEVELS, type LogFilter } from "@/lib/resources/logs";

export function logsSearch(said: Record<string, unknown>): LogFilter {
  const level = LEVELS.find((one) => one === said.level);
  // The router reads an id of digits alone as a number.
  const text = (value: unknown, most: number): string | null =>
    (typeof value === "string" || typeof value === "number") && String(value) !== ""
      ? String(value).slice(0, most)
      : null;
  const [file, q, id] = [text(said.file, 100), text(said.q, 200), text(said.id, 64)];
  return {
    ...(file !== null && { file }),
    ...(level !== undefined && { level }),
    ...(q !== null && { q }),
    ...(id !== null && { id }),
    ...(said.requests === true && { requests: true as const }),
  };
}
