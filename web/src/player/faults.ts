/** Shaka's error numbers in words: what happened, why, and the next step. */

export interface Fault {
  title: string;
  detail: string;
  /** For support: `Shaka 1001`. */
  code: string;
}

export interface ShakaFault {
  category: number;
  code: number;
  data: unknown[];
}

export const OFF_AIR: Fault = {
  title: "The film is not on the air",
  detail: "No version of it is live. Publish it in the console, then open this page again.",
  code: "",
};

const OFFLINE: [string, string] = [
  "The film stopped arriving",
  "Your connection or the server went away. What you have watched is kept; try again.",
];

const BY_CATEGORY: Record<number, [string, string]> = {
  1: OFFLINE,
  2: ["The captions could not be read", "Turn captions off, or try again."],
  3: [
    "The picture could not be decoded",
    "This browser refused part of the stream. Another quality or another browser may play it.",
  ],
  4: [
    "The film's description could not be read",
    "The server sent a manifest that makes no sense. Try again in a moment.",
  ],
  5: OFFLINE,
  6: ["The film is protected", "No licence could be had for it in this browser."],
};

export function isShakaFault(error: unknown): error is ShakaFault {
  return (
    typeof error === "object" && error !== null && "category" in error && "code" in error &&
    typeof error.code === "number" && "data" in error && Array.isArray(error.data)
  );
}

/** A fault as the error panel tells it. */
export function explain(error: unknown): Fault {
  if (!isShakaFault(error)) {
    const detail = error instanceof Error ? error.message : String(error);
    return { title: "The player stopped", detail, code: "" };
  }
  const code = `Shaka ${error.code}`;
  const status = error.code === 1001 ? error.data[1] : undefined;
  if (status === 404 || status === 410) {
    return {
      title: OFF_AIR.title,
      detail: "The server no longer has this stream. It may have been unpublished a moment ago.",
      code: `${code} · HTTP ${String(status)}`,
    };
  }
  if (status === 401 || status === 403) {
    return {
      title: "You may not watch this film",
      detail: "The server refused the stream. Open it again from the site.",
      code: `${code} · HTTP ${String(status)}`,
    };
  }
  if (error.code === 4032 || error.code === 4012) {
    return {
      title: "This browser cannot play the film",
      detail: "None of its renditions is in a codec that this browser knows. Try another browser.",
      code,
    };
  }
  const [title, detail] = BY_CATEGORY[error.category] ?? [
    "The player stopped",
    "Something unexpected happened. Try again.",
  ];
  return { title, detail, code: typeof status === "number" ? `${code} · HTTP ${status}` : code };
}
