// Shows the OpenAPI document of this server, with nothing fetched from anywhere else.
const METHODS = ["get", "post", "put", "patch", "delete"];

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

function schemaName(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.items) return `${schemaName(schema.items)}[]`;
  if (schema.anyOf) return schema.anyOf.map(schemaName).join(" | ");
  return schema.enum ? schema.enum.join(" | ") : (schema.type ?? "any");
}

function listed(title, lines) {
  if (lines.length === 0) return [];
  return [element("p", title), element("ul", "", ...lines.map((line) => element("li", line)))];
}

function operation(method, path, found) {
  const summary = element("summary", "", element("b", method.toUpperCase()), element("code", path), ` — ${found.summary ?? ""}`);
  const parameters = (found.parameters ?? []).map(
    (one) => `${one.name} (${one.in}${one.required ? ", required" : ""}): ${schemaName(one.schema)} ${one.description ?? ""}`,
  );
  const bodies = Object.entries(found.requestBody?.content ?? {}).map(([kind, one]) => `${kind}: ${schemaName(one.schema)}`);
  const answers = Object.entries(found.responses).map(([status, one]) => {
    const kinds = Object.values(one.content ?? {}).map((content) => schemaName(content.schema));
    return `${status}: ${kinds.join(", ") || one.description}`;
  });
  const needs = found["x-roles"] ? `needs ${found["x-roles"].join(" or ")}` : "needs nobody signed in";
  const scope = found["x-key-scope"] ? `, or a key with the scope ${found["x-key-scope"]}` : "";
  const note = element("p", needs + scope);
  note.className = "note";
  return element("details", "", summary, element("p", found.description ?? ""), note, ...listed("Parameters", parameters), ...listed("Body", bodies), ...listed("Answers", answers));
}

function shape(name, schema) {
  return element("details", "", element("summary", "", element("code", name)), element("p", schema.description ?? ""), element("pre", JSON.stringify(schema, null, 2)));
}

const answer = await fetch("/api/v1/openapi.json");
const description = await answer.json();
const byTag = new Map();
for (const [path, operations] of Object.entries(description.paths)) {
  for (const method of METHODS.filter((one) => operations[one])) {
    const tag = operations[method].tags?.[0] ?? "other";
    byTag.set(tag, [...(byTag.get(tag) ?? []), operation(method, path, operations[method])]);
  }
}
const groups = [...byTag].flatMap(([tag, found]) => [element("h2", tag), ...found]);
const shapes = Object.entries(description.components.schemas).map(([name, schema]) => shape(name, schema));
document.querySelector("#main").replaceChildren(
  element("h1", `${description.info.title} API ${description.info.version}`),
  ...description.info.description.split("\n\n").map((text) => element("p", text)),
  ...groups,
  element("h2", "Shapes"),
  ...shapes,
);
