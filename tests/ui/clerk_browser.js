/**
 * What a browser loads in place of clerk-js: as much of Clerk's interface as @clerk/react and our screens use.
 *
 * Its sessions are the stand-in's (clerk_stand_in.py). Which client this is stands in the page's own storage, as with
 * Clerk's development instances; tokens are kept until they expire, and asked for anew by `skipCache`.
 */
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const key = script.dataset.clerkPublishableKey;
  const client = localStorage.getItem("stand-in-client") ?? crypto.randomUUID();
  localStorage.setItem("stand-in-client", client);
  const listeners = new Set();
  const watchers = new Set();
  const forms = new Map();
  let kept = null;

  async function ask(path, body) {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${origin}/v1/${path}`, { method: "POST", headers, body: JSON.stringify({ client, ...body }) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  }

  function claimsOf(token) {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
  }

  function sessionOf(id) {
    const session = {
      id,
      status: "active",
      actor: null,
      factorVerificationAge: [0, -1],
      lastActiveToken: null,
      getToken: async ({ skipCache = false } = {}) => {
        if (clerk.session === null) return null;
        if (kept === null || skipCache) kept = (await ask("token", {})).jwt;
        session.lastActiveToken = { jwt: { claims: claimsOf(kept) } };
        return kept;
      },
    };
    return session;
  }

  function userOf(one) {
    return { id: one.id, fullName: one.name, primaryEmailAddress: { emailAddress: one.email }, organizationMemberships: [] };
  }

  async function become(one) {
    kept = null;
    clerk.user = one === null ? null : userOf(one);
    clerk.session = one === null ? null : sessionOf(one.session);
    // A session is told of once its first token is at hand.
    if (one !== null) await clerk.session.getToken();
    const now = { client: {}, session: clerk.session, user: clerk.user, organization: null };
    clerk.__internal_lastEmittedResources = now;
    listeners.forEach((listener) => listener(now));
    forms.forEach((_, node) => draw(node));
  }

  function draw(node) {
    node.replaceChildren();
    for (const name of ["ada", "bob"]) {
      const button = document.createElement("button");
      button.textContent = `Continue as ${name}`;
      button.style.color = "inherit";
      button.onclick = () => void ask("sign-in", { name }).then(become);
      node.append(button);
    }
  }

  const clerk = {
    version: "6.0.0",
    publishableKey: key,
    loaded: false,
    status: "loading",
    client: {},
    user: null,
    session: null,
    organization: null,
    async load(options) {
      if (options.ui?.ClerkUI === undefined) throw new Error("no ui was given");
      await become((await ask("client", {})).session);
      clerk.loaded = true;
      clerk.status = "ready";
      watchers.forEach((hear) => hear(clerk.status));
    },
    on(_, hear, options) {
      watchers.add(hear);
      if (options?.notify) hear(clerk.status);
    },
    off(_, hear) {
      watchers.delete(hear);
    },
    addListener(listener, options) {
      listeners.add(listener);
      if (options?.skipInitialEmit !== true) listener(clerk.__internal_lastEmittedResources);
      return () => listeners.delete(listener);
    },
    mountSignIn(node, options) {
      forms.set(node, options);
      draw(node);
    },
    unmountSignIn(node) {
      forms.delete(node);
      node.replaceChildren();
    },
    async signOut(then) {
      await ask("sign-out", {});
      await become(null);
      if (typeof then === "function") await then();
    },
  };
  window.Clerk = clerk;
})();
