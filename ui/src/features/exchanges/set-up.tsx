/** Set up one's account on an exchange: by the names of environment variables, never by the secrets themselves. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { toast } from "sonner";

import type { Exchange } from "@/api/shapes";
import { Button } from "@/components/ui/button";
import { Dialog, TypedConfirmation } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { nameProblem, setUpOf, type Fields } from "@/features/exchanges/model";
import { Problem } from "@/lib/problem";
import { forgetExchange, ownExchangesQuery, saveExchange, type OwnExchange } from "@/lib/resources/account";

interface SetUpDrawerProps {
  exchange: Exchange;
  own: OwnExchange | null;
  onClose: () => void;
}

const NAMES: readonly {
  readonly name: keyof Fields;
  readonly label: string;
  readonly end: string;
  readonly note?: string;
}[] = [
  { name: "apiKeyEnv", label: "Variable with the API key", end: "API_KEY" },
  { name: "apiSecretEnv", label: "Variable with the secret", end: "API_SECRET" },
  { name: "passwordEnv", label: "Variable with the passphrase", end: "PASSPHRASE", note: "Most exchanges have none." },
];

export function SetUpDrawer({ exchange, own, onClose }: SetUpDrawerProps) {
  const client = useQueryClient();
  const [isForgetting, setForgetting] = useState(false);
  const [fields, setFields] = useState<Fields>({
    apiKeyEnv: own?.apiKeyEnv ?? "",
    apiSecretEnv: own?.apiSecretEnv ?? "",
    passwordEnv: own?.passwordEnv ?? "",
  });
  const [displayName, setDisplayName] = useState(own?.displayName ?? "");
  const [isEnabled, setEnabled] = useState(own?.isEnabled ?? true);
  const [isDefault, setDefault] = useState(own?.isDefault ?? false);
  const refresh = () => client.invalidateQueries({ queryKey: ownExchangesQuery.queryKey });
  const save = useMutation({
    mutationFn: () =>
      saveExchange(
        exchange.name,
        setUpOf(fields, { displayName: displayName.trim() === "" ? null : displayName.trim(), isEnabled, isDefault }),
      ),
    onSuccess: async () => {
      toast(`${exchange.displayName} is set up`, { description: "Test the connection to see whether it is reached." });
      await refresh();
      onClose();
    },
  });
  const forget = useMutation({
    mutationFn: () => forgetExchange(exchange.name),
    onSuccess: async () => {
      toast(`${exchange.displayName} is forgotten`);
      await refresh();
      onClose();
    },
  });
  const isFit = NAMES.every(({ name }) => nameProblem(fields[name]) === null);
  const failure = save.error ?? forget.error;
  return (
    <Dialog title={`${exchange.displayName}: your account`} place="drawer" isOpen onClose={onClose}>
      <form
        className="space-y-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (isFit) save.mutate();
        }}
      >
        <p className="text-xs text-muted">
          Keys stay where the instance runs, in its environment. Here only the names of the variables are kept; whether
          they are set is tried there by <em>Test connection</em>. A key that can only view is enough.
        </p>
        {NAMES.map(({ name, label, end, note }) => (
          <NameField
            key={name}
            label={label}
            note={note}
            value={fields[name]}
            placeholder={`LIVERMORE_${exchange.name.toUpperCase()}_${end}`}
            onChange={(value) => setFields((old) => ({ ...old, [name]: value }))}
          />
        ))}
        <label className="block text-sm">
          <span className="mb-1.5 block">Name for yourself</span>
          <Input
            value={displayName}
            maxLength={100}
            placeholder={exchange.displayName}
            onChange={(event) => setDisplayName(event.target.value)}
          />
        </label>
        <div className="space-y-2 text-sm">
          <Check label="Enabled" note="its balances are read" isOn={isEnabled} onChange={setEnabled} />
          <Check label="Default" note="your main one" isOn={isDefault} onChange={setDefault} />
        </div>
        {failure !== null && (
          <p role="alert" className="rounded-md bg-bad/8 px-3 py-2 text-xs break-words text-bad">
            {Problem.of(failure).title}. {Problem.of(failure).detail}
          </p>
        )}
        <div className="flex items-center gap-2">
          {own !== null && (
            <Button weight="danger" onClick={() => setForgetting(true)}>
              Forget…
            </Button>
          )}
          <Button className="ml-auto" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" weight="primary" disabled={!isFit || save.isPending}>
            {save.isPending ? "Saving" : "Save"}
          </Button>
        </div>
      </form>
      <TypedConfirmation
        title={`Forget ${exchange.displayName}`}
        word={exchange.name}
        deed="Forget it"
        isOpen={isForgetting}
        onClose={() => setForgetting(false)}
        onConfirm={() => forget.mutate()}
      >
        What you held there is forgotten with it. Alerts and what is watched stay.
      </TypedConfirmation>
    </Dialog>
  );
}

interface NameFieldProps {
  label: string;
  note: string | undefined;
  value: string;
  placeholder: string;
  onChange: (value: string) => void;
}

function NameField({ label, note, value, placeholder, onChange }: NameFieldProps) {
  const problem = nameProblem(value);
  const id = useId();
  const said = problem ?? note;
  return (
    <div>
      <label className="block text-sm">
        <span className="mb-1.5 block">{label}</span>
        <Input
          value={value}
          placeholder={placeholder}
          spellCheck={false}
          autoComplete="off"
          aria-invalid={problem !== null}
          aria-describedby={said === undefined ? undefined : id}
          onChange={(event) => onChange(event.target.value)}
          className="font-mono"
        />
      </label>
      {said !== undefined && (
        <p id={id} className={problem === null ? "mt-1 text-xs text-faint" : "mt-1 text-xs text-bad"}>
          {said}
        </p>
      )}
    </div>
  );
}

interface CheckProps {
  label: string;
  note: string;
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

function Check({ label, note, isOn, onChange }: CheckProps) {
  return (
    <label className="flex items-center gap-2.5">
      <input
        type="checkbox"
        checked={isOn}
        onChange={(event) => onChange(event.target.checked)}
        className="size-4 accent-(--accent)"
      />
      {label} <span className="text-xs text-faint">{note}</span>
    </label>
  );
}
