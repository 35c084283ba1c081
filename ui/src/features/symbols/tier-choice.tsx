/** For whom a symbol is to be watched: for everybody, which is for admins to say, or for oneself. */
import { Segments } from "@/components/ui/tabs";

interface TierChoiceProps {
  tier: number;
  isAdmin: boolean;
  onChange: (tier: number) => void;
}

export function TierChoice({ tier, isAdmin, onChange }: TierChoiceProps) {
  if (!isAdmin)
    return <p className="text-xs text-muted">It is watched for you alone; for everybody only an admin adds symbols.</p>;
  return (
    <div className="flex items-center gap-3">
      <Segments
        label="For whom"
        value={String(tier)}
        options={[
          { value: "1", label: "For everybody" },
          { value: "2", label: "For me alone" },
        ]}
        onChange={(value) => onChange(Number(value))}
      />
      <span className="text-xs text-faint">tier {tier}</span>
    </div>
  );
}
