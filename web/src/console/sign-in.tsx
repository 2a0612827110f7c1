/** Who is signed in, and the page that asks when nobody is. */

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { ApiError, type Failure, failureOf, onSignedOut, session } from "../api/client";
import type { Session } from "../api/types";
import { usePageTitle } from "../kit/data";
import { setQuery } from "../kit/router";
import { Command, FailureNotice } from "../kit/ui";

/** Undefined while we do not know, null when nobody is. */
export const who = signal<Session | null | undefined>(undefined);
const firstFailure = signal<Failure | null>(null);

onSignedOut.handler = () => {
  who.value = null;
};

/** A one-time code in the address wins; otherwise the cookie tells. */
async function start(): Promise<void> {
  const code = new URLSearchParams(location.search).get("code");
  if (code) setQuery({ code: "" }); // before anything else: it must not stay in the history
  try {
    who.value = code ? await session.signIn({ code }) : await session.get();
  } catch (error) {
    if (code) {
      // A link opened twice: the cookie from the first time may still be good.
      who.value = await session.get().catch(() => null);
      if (who.value) return;
    }
    if (code || !(error instanceof ApiError && error.status === 401)) {
      firstFailure.value = failureOf(error);
    }
    who.value = null;
  }
}

const UNKNOWN_KEY: Failure = {
  message: "No key of this platform is like that.",
  fix: "Look for a slip, or for the file `admin.key` in the folder of `matinee up`.",
};

void start();

export async function signOut(): Promise<void> {
  await session.signOut().catch(() => undefined);
  who.value = null;
}

export function SignIn() {
  usePageTitle("Sign in · Matinee");
  const [failure, setFailure] = useState<Failure | null>(firstFailure.value);
  const [busy, setBusy] = useState(false);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const key = String(form.get("key") ?? "").trim();
    setBusy(true);
    session
      .signIn({ api_key: key })
      .then(
        (found) => (who.value = found),
        (error: unknown) => setFailure(error instanceof ApiError && error.status === 401 ? UNKNOWN_KEY : failureOf(error)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <main class="sign-in">
      <span class="brand"><img src="/favicon.svg" alt="" /> Matinee console</span>
      <h1>Sign in</h1>
      <form onSubmit={submit}>
        <div class="field">
          <label for="key">API key</label>
          <input class="input mono" id="key" name="key" type="password" required autocomplete="current-password" spellcheck={false} />
        </div>
        {failure && <FailureNotice failure={failure} />}
        <button type="submit" class="button primary" disabled={busy}>{busy ? "Signing in…" : "Sign in"}</button>
      </form>
      <div class="field">
        <p class="soft">Or let the command line open the console for you, signed in:</p>
        <Command text="matinee console" />
      </div>
      <a class="soft small" href="/">To the viewer site</a>
    </main>
  );
}
