/** Make a key: what it opens, for how long, how fast; the secret is shown once and then gone. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Input, Select } from "@/components/ui/input";
import { expiryOf, LIFETIMES, SCOPES, type Lifetime } from "@/features/people/model";
import { Secret } from "@/features/people/sign-in-link";
import { Problem } from "@/lib/problem";
import { keysQuery, makeKey, type KeyMade, type Scope } from "@/lib/resources/people";

const FASTEST = 60_000;

export function KeyForm({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<KeyMade | null>(null);
  return (
    <Dialog title={made === null ? "Make a key" : "The key is made"} isOpen onClose={onClose}>
      {made === null ? <Form onMade={setMade} onClose={onClose} /> : <Shown made={made} onClose={onClose} />}
    </Dialog>
  );
}

function Form({ onMade, onClose }: { onMade: (made: KeyMade) => void; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["alerts"]);
  const [lifetime, setLifetime] = useState<Lifetime>("90");
  const [rate, setRate] = useState("120");
  const perMinute = Number(rate);
  const isFit =
    name.trim() !== "" && scopes.length > 0 && Number.isInteger(perMinute) && perMinute >= 1 && perMinute <= FASTEST;
  const make = useMutation({
    mutationFn: () =>
      makeKey({
        name: name.trim(),
        scopes: [...scopes],
        expiresAt: expiryOf(lifetime, Date.now()),
        requestsPerMinute: perMinute,
      }),
    gcTime: 0, // the secret is not to outlive the window in which it is shown
    onSuccess: (key) => {
      void client.invalidateQueries({ queryKey: keysQuery.queryKey });
      onMade(key);
    },
  });
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (isFit) make.mutate();
      }}
    >
      <label className="block text-sm">
        <span className="mb-1.5 block">Name</span>
        <Input
          value={name}
          maxLength={100}
          placeholder="dashboard of a partner"
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <fieldset>
        <legend className="mb-1.5 text-sm">Scopes</legend>
        <div className="grid gap-x-4 gap-y-1.5 sm:grid-cols-2">
          {SCOPES.map(({ value, note }) => (
            <label key={value} className="flex items-baseline gap-2 text-sm">
              <input
                type="checkbox"
                checked={scopes.includes(value)}
                onChange={(event) =>
                  setScopes((old) => (event.target.checked ? [...old, value] : old.filter((one) => one !== value)))
                }
                className="size-3.5 translate-y-0.5 accent-(--accent)"
              />
              <span>
                {value} <span className="block text-xs text-faint">{note}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="grid grid-cols-2 gap-4">
        <label className="block text-sm">
          <span className="mb-1.5 block">Valid for</span>
          <Select label="Valid for" value={lifetime} options={LIFETIMES} onChange={setLifetime} />
        </label>
        <label className="block text-sm">
          <span className="mb-1.5 block">Requests a minute</span>
          <Input inputMode="numeric" value={rate} onChange={(event) => setRate(event.target.value.trim())} />
        </label>
      </div>
      {make.error !== null && (
        <p role="alert" className="rounded-md bg-bad/8 px-3 py-2 text-xs break-words text-bad">
          {Problem.of(make.error).detail || Problem.of(make.error).title}
        </p>
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" weight="primary" disabled={!isFit || make.isPending}>
          Make it
        </Button>
      </div>
    </form>
  );
}

function Shown({ made, onClose }: { made: KeyMade; onClose: () => void }) {
  return (
    <div className="space-y-3 text-sm">
      <p>
        This is the only time that the key of <strong className="font-semibold break-words">{made.key.name}</strong> is
        shown. Livermore keeps no copy: if it is lost, revoke it and make another.
      </p>
      <Secret text={made.secret} />
      <p className="text-xs text-muted">
        A program sends it as <code className="font-mono">Authorization: Bearer {made.key.prefix}…</code>
      </p>
      <div className="flex justify-end">
        <Button weight="primary" onClick={onClose}>
          I have kept it
        </Button>
      </div>
    </div>
  );
}
