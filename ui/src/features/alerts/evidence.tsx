/** What the alert rests on: the candles and readings behind it, all timeframes, the rule and its thresholds. */
import type { Alert, Candle } from "@/api/shapes";
import { Badge } from "@/components/ui/badge";
import { Card, CardHead } from "@/components/ui/card";
import { EmptyFace } from "@/components/ui/faces";
import { StageGlyph, StageName } from "@/components/ui/stage-glyph";
import { ListTime } from "@/components/ui/time";
import { Strip } from "@/features/alerts/strip";
import { classes } from "@/lib/classes";
import { alertLook, stageLook, tintOf } from "@/lib/colours";
import { compact, decimal, duration, price, reading, share } from "@/lib/format";
import type { Provenance } from "@/lib/resources/provenance";

export function Candles({ alert, candles }: { alert: Alert; candles: readonly Candle[] }) {
  const colour = alertLook(alert.label).colour;
  return (
    <Card aria-label="Candles and readings" className="min-w-0">
      <CardHead title="Candles and readings" note={`${candles.length} up to the alert's own, as they are stored now`} />
      {candles.length === 0 ? (
        <EmptyFace title="The candles are not kept any more">The ledger keeps the alert and its numbers.</EmptyFace>
      ) : (
        <>
          <div className="p-4">
            <Strip candles={candles} openTime={alert.openTime} colour={colour} />
          </div>
          <div className="max-h-72 overflow-auto border-t border-line" tabIndex={0} role="region" aria-label="Candles">
            <table className="num w-full text-xs">
              <thead className="sticky top-0 z-10 bg-surface text-left text-faint shadow-[0_1px_0_var(--line)]">
                <tr className="[&_th]:px-3 [&_th]:py-1.5 [&_th]:font-medium [&_th]:whitespace-nowrap">
                  <th scope="col">Opened</th>
                  {["Open", "High", "Low", "Close", "Volume", "MACD-V", "Signal line", "Histogram"].map((name) => (
                    <th key={name} scope="col" className="text-right">
                      {name}
                    </th>
                  ))}
                  <th scope="col">Stage</th>
                  <th scope="col">Marks</th>
                </tr>
              </thead>
              <tbody>
                {candles.toReversed().map((one) => (
                  <CandleRow key={one.openTime} candle={one} isOwn={one.openTime === alert.openTime} colour={colour} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </Card>
  );
}

function CandleRow({ candle, isOwn, colour }: { candle: Candle; isOwn: boolean; colour: string }) {
  const found = candle.reading ?? null;
  const cell = "text-right";
  return (
    <tr
      aria-current={isOwn ? "true" : undefined}
      className={classes("border-b border-line/60 last:border-b-0 [&_td]:px-3 [&_td]:py-1", isOwn && "font-medium")}
      style={isOwn ? { backgroundColor: `color-mix(in srgb, ${colour} 14%, transparent)` } : undefined}
    >
      <td className="whitespace-nowrap">
        <ListTime at={candle.openTime} />
      </td>
      {[candle.open, candle.high, candle.low, candle.close].map((one, at) => (
        <td key={at} className={cell}>
          {price(one)}
        </td>
      ))}
      <td className={cell}>{compact(candle.volume)}</td>
      <td className={cell}>{reading(found?.value)}</td>
      <td className={cell}>{reading(found?.signal)}</td>
      <td className={cell}>{reading(found?.histogram)}</td>
      <td>{found === null ? "–" : <StageName stage={found.stage} />}</td>
      <td>
        <span className="flex gap-1">
          {candle.isEmpty && <Badge>no trades</Badge>}
          {candle.revision > 0 && <Badge tone="warn">corrected {candle.revision}×</Badge>}
          {!candle.isConfirmed && <Badge tone="busy">unconfirmed</Badge>}
        </span>
      </td>
    </tr>
  );
}

/** Every timeframe as it stood when the alert was raised, and what they say together. */
export function Timeframes({ alert }: { alert: Alert }) {
  return (
    <Card aria-label="All timeframes">
      <CardHead title="All timeframes" note="as they stood when it was raised">
        <Badge tone={alert.bias === "neutral" ? "neutral" : "accent"}>
          {alert.bias === "bullish" ? "▲" : alert.bias === "bearish" ? "▼" : "="} bias {alert.bias}
        </Badge>
      </CardHead>
      <ul className="grid grid-cols-2 gap-2 p-4 sm:grid-cols-5">
        {alert.timeframes.map((view) => (
          <li
            key={view.timeframe}
            className={classes(
              "rounded-md border px-3 py-2",
              view.timeframe === alert.timeframe ? "border-muted" : "border-line",
            )}
            style={{
              backgroundColor: `color-mix(in srgb, ${stageLook(view.stage).colour} ${tintOf(view.value)}%, transparent)`,
            }}
          >
            <p className="num flex items-center justify-between text-2xs">
              {view.timeframe} <StageGlyph stage={view.stage} />
            </p>
            <p className="num text-base font-semibold">{reading(view.value)}</p>
            <p className="text-2xs">{stageLook(view.stage).label}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Facts({ facts }: { facts: readonly (readonly [string, React.ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 p-4 text-xs">
      {facts.map(([name, said]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="num text-right break-words [overflow-wrap:anywhere]">{said}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The numbers of the alert itself. */
export function Numbers({ alert }: { alert: Alert }) {
  const { quality } = alert;
  return (
    <Card aria-label="Its numbers">
      <CardHead title="Its numbers" />
      <Facts
        facts={[
          ["MACD-V", `${reading(alert.previousValue)} → ${reading(alert.value)}`],
          ["Signal line", reading(alert.signal)],
          ["Histogram", reading(alert.histogram)],
          ["Close", price(alert.price)],
          ["Rests on", `${decimal(quality.candles, 0)} candles`],
          ["Seed left in the ATR", share(quality.convergence)],
          ["Candles without trades", share(quality.emptyRatio)],
          ["Agreed with by the history", quality.isConfirmed ? "yes" : "not when it was raised"],
        ]}
      />
    </Card>
  );
}

/** The thresholds by which it was raised. */
export function Rule({ rule }: { rule: Provenance["rule"] }) {
  const share = (value: number | null): string => (value === null ? "–" : `${decimal(value * 100, 1)} %`);
  const isKnown = rule.firstLevel !== null;
  return (
    <Card aria-label="The rule">
      <CardHead title="The rule" note={rule.version} />
      {isKnown ? (
        <Facts
          facts={[
            ["First level", `±${rule.firstLevel ?? ""}`],
            ["Next levels", `every ${rule.levelStep ?? ""}`],
            ["Has to fall back by", rule.hysteresis],
            ["Turn from oversold", share(rule.oversoldBuffer)],
            ["Turn from overbought", share(rule.overboughtBuffer)],
            ["Cooldown at least", rule.shortestCooldownMs === null ? "–" : duration(rule.shortestCooldownMs)],
            ["Candles needed", rule.candlesNeeded],
          ]}
        />
      ) : (
        <p className="p-4 text-xs text-muted">
          The thresholds of this version are not known any more: nobody's settings have them.
        </p>
      )}
    </Card>
  );
}
