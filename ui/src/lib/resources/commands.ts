/** Commands: what was ordered, how far it is, and what came of it; the stream tells each step as it is taken. */
import { infiniteQueryOptions, queryOptions, type InfiniteData } from "@tanstack/react-query";

import type { components } from "@/api/schema";
import type { ExchangeName } from "@/api/shapes";
import { answer, api } from "@/lib/http";
import type { LiveMessage } from "@/lib/live";

export type Command = components["schemas"]["CommandShown"];
export type CommandPage = components["schemas"]["Page_CommandShown_"];
export type CommandType = components["schemas"]["CommandType"];
export type Step = Command["step"];
export type StepTaken = components["schemas"]["CommandWhole"]["steps"][number];

const PAGE = 30;
/** How often a command under way is asked for: the stream tells its steps, but not to everybody, and not while it is lost. */
const LOOK_EVERY_MS = 5000;

export const commandsTopic = (exchange: string): string => `commands:${exchange}`;

export function commandsQuery(exchange: string) {
  return infiniteQueryOptions({
    queryKey: ["commands", exchange],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET("/api/v1/exchanges/{exchange}/commands", {
          params: { path: { exchange: exchange as ExchangeName }, query: { cursor: pageParam, limit: PAGE } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next,
    enabled: exchange !== "",
  });
}

function wholeCommand(correlationId: string, signal: AbortSignal) {
  return api.GET("/api/v1/commands/{correlation_id}", { params: { path: { correlation_id: correlationId } }, signal });
}

/** All steps of a command, each with its instant and who took it, as they are once it has got to `step`. */
export function stepsQuery(exchange: string, correlationId: string, step: Step) {
  return queryOptions({
    queryKey: ["command-steps", exchange, correlationId, step],
    queryFn: async ({ signal }) => (await answer(wholeCommand(correlationId, signal))).steps,
    staleTime: isOver(step) ? Infinity : 0,
  });
}

/** One command, as admins and whoever issued it may see it; asked for again while it is under way. */
export function commandQuery(exchange: string, correlationId: string) {
  return queryOptions({
    queryKey: ["command", exchange, correlationId],
    queryFn: ({ signal }): Promise<Command> => answer(wholeCommand(correlationId, signal)),
    refetchInterval: (query) =>
      query.state.data !== undefined && isOver(query.state.data.step) ? false : LOOK_EVERY_MS,
    staleTime: LOOK_EVERY_MS,
  });
}

const RANK: Readonly<Record<Step, number>> = {
  requested: 0,
  heard: 1,
  running: 2,
  done: 3,
  failed: 3,
  refused: 3,
  unheard: 3,
};

/** Whether nothing more will come of it. */
export function isOver(step: Step): boolean {
  return RANK[step] === 3;
}

/** Whether it ended otherwise than was wished. */
export function hasFailed(step: Step): boolean {
  return isOver(step) && step !== "done";
}

/** Of two accounts of one command the one that knows more; instants and progress that only the other knows are kept. */
export function further(one: Command, other: Command): Command {
  const [late, early] = RANK[one.step] > RANK[other.step] ? [one, other] : [other, one];
  return {
    ...late,
    heardAt: late.heardAt ?? early.heardAt,
    beganAt: late.beganAt ?? early.beganAt,
    endedAt: late.endedAt ?? early.endedAt,
    instanceId: late.instanceId ?? early.instanceId,
    epoch: late.epoch ?? early.epoch,
    progress: isOver(late.step) ? null : newerProgress(late, early),
  };
}

function newerProgress(one: Command, other: Command): NonNullable<Command["progress"]> | null {
  const [mine, theirs] = [one.progress ?? null, other.progress ?? null];
  if (mine === null || theirs === null) return mine ?? theirs;
  return mine.time >= theirs.time ? mine : theirs;
}

/** A step as the stream tells it; the first of a command carries its order. */
interface StepNews {
  readonly correlationId: string;
  readonly exchangeId: number;
  readonly step: Step | "progress";
  readonly time: number;
  readonly instanceId: string | null;
  readonly epoch: number | null;
  readonly order: Partial<
    Pick<Command, "type" | "payload" | "issuedBy" | "issuedAt" | "expiresAt" | "priority">
  > | null;
  readonly data: Command["details"] | null;
  readonly error: Command["error"];
}

function progressIn(
  data: Command["details"] | null | undefined,
  time: number,
): NonNullable<Command["progress"]> | null {
  const { done, total, text } = (data ?? {}) as { done?: unknown; total?: unknown; text?: unknown };
  if (typeof done !== "number" || typeof total !== "number") return null;
  return { done, total, text: typeof text === "string" ? text : "", time };
}

/** The command as a message of the stream tells it, or null where it brings none that can be read. */
export function commandIn(message: LiveMessage): Command | null {
  const news = message.data as Partial<StepNews> | null;
  if (message.kind !== "change" || typeof news?.correlationId !== "string") return null;
  // How far a command is that runs is told as a step of its own, which is no step of its life.
  const step = news.step === "progress" ? "running" : news.step;
  if (typeof news.time !== "number" || step === undefined || !Object.hasOwn(RANK, step)) return null;
  const order = news.order ?? {};
  const progress = news.step === "progress" ? progressIn(news.data, news.time) : null;
  return {
    correlationId: news.correlationId,
    exchangeId: news.exchangeId ?? 0,
    step,
    type: order.type ?? null,
    payload: order.payload ?? {},
    issuedBy: order.issuedBy ?? null,
    issuedAt: order.issuedAt ?? null,
    expiresAt: order.expiresAt ?? null,
    priority: order.priority ?? null,
    instanceId: news.instanceId ?? null,
    epoch: news.epoch ?? null,
    heardAt: step === "heard" ? news.time : null,
    beganAt: news.step === "running" ? news.time : null, // how far it is says nothing of when it began
    endedAt: isOver(step) ? news.time : null,
    progress,
    details: news.step === "progress" ? {} : (news.data ?? {}),
    error: news.error ?? null,
  };
}

export type CommandPages = InfiniteData<CommandPage>;

/** What both know of one command: of its order, whichever says it. */
export function joined(known: Command, news: Command): Command {
  const whole = further(known, news);
  return known.type === null
    ? whole
    : {
        ...whole,
        type: known.type,
        payload: known.payload,
        issuedBy: known.issuedBy,
        issuedAt: known.issuedAt,
        expiresAt: known.expiresAt,
        priority: known.priority,
      };
}

/** The pages with one more command on top, or with the known one further along; a step without its order is not shown. */
export function applyCommand(pages: CommandPages, news: Command): CommandPages {
  const isKnown = pages.pages.some((page) => page.items.some((item) => item.correlationId === news.correlationId));
  if (isKnown) {
    const replaced = pages.pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (item.correlationId === news.correlationId ? joined(item, news) : item)),
    }));
    return { ...pages, pages: replaced };
  }
  const [first, ...rest] = pages.pages;
  if (first === undefined || news.type === null) return pages;
  return { ...pages, pages: [{ ...first, items: [news, ...first.items] }, ...rest] };
}
