// How this load of the page shall go: what the control API says, and the address over it.

/** `{profile, missing: [module ids], blocked: a stream mode or null}`. */
export async function readSetup() {
  const wished = new URLSearchParams(location.search);
  const answer = await fetch("/web/setup");
  const setup = answer.ok ? await answer.json() : {};
  if (wished.has("loading")) setup.profile = wished.get("loading");
  if (wished.has("missing")) setup.missing = wished.get("missing").split(",");
  return setup;
}
