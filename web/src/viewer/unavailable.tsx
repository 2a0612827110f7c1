import type { Failure } from "../api/client";
import { Icon } from "../kit/icons";

/** A page whose data did not come, in words for those who only want to watch. */
export function Unavailable({ failure, retry }: { failure: Failure; retry: () => void }) {
  return (
    <section class="empty-state unavailable" role="alert">
      <Icon name="alert" />
      <h1>The films did not arrive</h1>
      <p class="soft">{failure.code === "offline"
        ? "Your connection or the server went away. Try again in a moment."
        : `${failure.message} Try again in a moment.`}</p>
      <button type="button" class="button primary large" onClick={retry}>Try again</button>
    </section>
  );
}
