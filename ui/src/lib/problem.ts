/** What a request failed with, in the shape of RFC 9457 (problem+json), whoever failed. */

export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | null;

  /** `status` is the HTTP status; 0 where no answer came at all. */
  constructor(status: number, title: string, detail: string, requestId: string | null = null) {
    super(title);
    this.name = "Problem";
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.requestId = requestId;
  }

  /** Any error as a problem. */
  static of(error: unknown): Problem {
    if (error instanceof Problem) return error;
    // Whoever waits longer than a request may take gets a DOMException; an answer may come yet.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError"))
      return new Problem(0, "The server does not answer", "It is tried again as soon as it is back.");
    return new Problem(
      -1,
      "This page has met an error of its own",
      error instanceof Error ? error.message : String(error),
    );
  }

  /** The problem that a response's body tells, or what its status means where it tells none. */
  static from(status: number, body: unknown, requestId: string | null): Problem {
    const told = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
    const title = typeof told.title === "string" ? told.title : `The server answered ${status}`;
    const detail = typeof told.detail === "string" ? told.detail : "";
    return new Problem(status, title, detail, requestId);
  }

  /** Whether asking again may help without anybody's doing. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}
