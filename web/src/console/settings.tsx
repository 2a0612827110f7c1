import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type Failure, failureOf, ladders, webhooks } from "../api/client";
import { EVENT_TYPES, type Webhook } from "../api/types";
import { useLoad, usePageTitle } from "../kit/data";
import { ago, instant } from "../kit/format";
import { path } from "../kit/router";
import { Command, CopyButton, Dialog, FailureNotice, toast } from "../kit/ui";
import { RowSkeletons } from "./lists";
import { ApiLink } from "./shell";

function SettingsFrame({ children }: { children: ComponentChildren }) {
  const onLadders = path.value.endsWith("/ladders");
  return (
    <>
      <div class="head"><h1>Settings</h1></div>
      <nav class="tabs" aria-label="Settings">
        <a href="/console/settings" aria-current={onLadders ? undefined : "page"}>Webhooks</a>
        <a href="/console/settings/ladders" aria-current={onLadders ? "page" : undefined}>Ladders</a>
      </nav>
      {children}
    </>
  );
}

function AddWebhook({ added }: { added: (webhook: Webhook) => void }) {
  const [events, setEvents] = useState<string[]>(["title.published", "title.failed"]);
  const [failure, setFailure] = useState<Failure | null>(null);
  return (
    <form class="panel" aria-labelledby="add" onSubmit={(event) => {
      event.preventDefault();
      const form = event.currentTarget;
      setFailure(null);
      webhooks.create(String(new FormData(form).get("url")), events).then(
        (made) => {
          form.reset();
          added(made);
        },
        (error: unknown) => setFailure(failureOf(error)),
      );
    }}>
      <h2 id="add">Add a webhook</h2>
      <div class="field">
        <label for="url">URL</label>
        <input class="input mono" id="url" name="url" type="url" required placeholder="https://example.com/hooks/matinee" />
      </div>
      <fieldset class="field">
        <legend class="label">Events</legend>
        <div class="checks">
          {EVENT_TYPES.map((type) => (
            <label key={type}>
              <input type="checkbox" checked={events.includes(type)}
                onChange={(event) => setEvents(event.currentTarget.checked ? [...events, type] : events.filter((one) => one !== type))} />
              <code>{type}</code>
            </label>
          ))}
        </div>
        <span class="hint">With none chosen, all but job.progress are sent.</span>
      </fieldset>
      {failure && <FailureNotice failure={failure} />}
      <div><button type="submit" class="button primary">Add webhook</button></div>
    </form>
  );
}

function Row({ webhook, ping, remove }: { webhook: Webhook; ping: () => void; remove: () => void }) {
  const { last_status: status, last_attempt_at: at } = webhook;
  const good = status != null && status >= 200 && status < 300;
  return (
    <li class="hook">
      <div class="hook-words">
        <strong class="mono">{webhook.url}</strong>
        <span class="soft small">{webhook.events.length ? webhook.events.join(", ") : "all events but job.progress"}</span>
        {at ? (
          <span class={`status ${good ? "good" : "bad"}`} title={instant(at)}>{status ? `Answered ${status}` : "No answer"} {ago(at)}</span>
        ) : <span class="status idle">Never called</span>}
      </div>
      <div class="head-actions">
        <button type="button" class="button" onClick={ping}>Ping</button>
        <button type="button" class="button danger" onClick={remove}>Delete</button>
      </div>
    </li>
  );
}

export function WebhooksPage() {
  usePageTitle("Webhooks · Matinee console");
  const { value, failure, reload } = useLoad("webhooks", () => webhooks.list());
  const [made, setMade] = useState<Webhook | null>(null);
  const [doomed, setDoomed] = useState<Webhook | null>(null);
  const [refused, setRefused] = useState<Failure | null>(null);
  const act = (work: Promise<void>, said: string) => {
    setRefused(null);
    work.then(
      () => {
        toast(said);
        setTimeout(reload, 600); // the call is made in the background
        reload();
      },
      (error: unknown) => setRefused(failureOf(error)),
    );
  };
  return (
    <SettingsFrame>
      {failure && <FailureNotice failure={failure} retry={reload} />}
      {refused && <FailureNotice failure={refused} />}
      {!value && !failure && <RowSkeletons />}
      {value && value.items.length === 0 && (
        <p class="soft">No webhooks yet. Add one below and Matinee calls it when titles and jobs change.</p>
      )}
      {value && value.items.length > 0 && (
        <ul class="panel hooks">
          {value.items.map((one) => (
            <Row key={one.id} webhook={one} ping={() => act(webhooks.ping(one.id), "Ping sent")} remove={() => setDoomed(one)} />
          ))}
        </ul>
      )}
      <AddWebhook added={(webhook) => {
        setMade(webhook);
        reload();
      }} />
      <ApiLink path="/webhooks" />
      {made && (
        <Dialog title="Keep this secret" onClose={() => setMade(null)}
          actions={<button type="button" class="button primary" onClick={() => setMade(null)}>I have kept it</button>}>
          <p class="soft">It signs every call to {made.url}, and is shown only now.</p>
          <Command text={made.secret ?? ""} />
        </Dialog>
      )}
      {doomed && (
        <Dialog title="Delete this webhook?" onClose={() => setDoomed(null)}
          actions={<>
            <button type="button" class="button" onClick={() => setDoomed(null)}>Keep it</button>
            <button type="button" class="button primary" onClick={() => {
              act(webhooks.delete(doomed.id), "Deleted");
              setDoomed(null);
            }}>Delete</button>
          </>}>
          <p class="soft"><span class="mono">{doomed.url}</span> is not called any more.</p>
        </Dialog>
      )}
    </SettingsFrame>
  );
}

export function LaddersPage() {
  usePageTitle("Ladders · Matinee console");
  const { value, failure, reload } = useLoad("ladders", () => ladders.list());
  return (
    <SettingsFrame>
      <p class="soft">A ladder says which rungs a film gets. Copy one, change it, and publish with it:</p>
      <Command text="matinee publish film.mp4 --ladder my-ladder.toml" />
      {failure && <FailureNotice failure={failure} retry={reload} />}
      {!value && !failure && <RowSkeletons />}
      {value?.items.map((one) => (
        <section class="panel" key={one.name} aria-labelledby={`ladder-${one.name}`}>
          <div class="panel-head">
            <h2 id={`ladder-${one.name}`}>{one.name}</h2>
            <CopyButton text={one.toml} what={`ladder ${one.name}`} />
          </div>
          <p class="soft">{one.description}</p>
          <pre class="toml" tabIndex={0} role="group" aria-label={`TOML of ${one.name}`}>{one.toml.trim()}</pre>
        </section>
      ))}
      <ApiLink path="/ladders" />
    </SettingsFrame>
  );
}
