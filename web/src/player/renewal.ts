/** When a running player moves on to a later version of its title. */

import { rest } from "../kit/rest";

/** How often it is looked whether the moment is good, milliseconds. */
const LOOK = 500;
/** After a failure, doubled with each: first and longest. */
const PAUSE = 2_000;
const LONGEST_PAUSE = 60_000;
/** Seconds of the film that are not worth another stream. */
const LAST = 10;
/** Seconds after a seek in which the next one is likely. */
const SEEKING = 1.5;

export interface Moment {
  ready: boolean;
  ended: boolean;
  seeking: boolean;
  /** Seconds since the viewer last sought. */
  sinceSeek: number;
  /** Seconds of the film that are left. */
  left: number;
  /** The picture is where another stream would close it, or where nobody sees it. */
  away: boolean;
}

export function isGood({ ready, ended, seeking, sinceSeek, left, away }: Moment): boolean {
  return ready && !ended && !seeking && sinceSeek > SEEKING && left > LAST && !away;
}

interface Player<Wanted> {
  /** Whether the stream can be exchanged now and disturb nobody. */
  good: () => boolean;
  /** Exchange it; false where the moment has passed meanwhile. Throws where it must be tried again. */
  move: (wanted: Wanted) => Promise<boolean>;
}

/** Brings what is wanted last on the screen, at a good moment, and again where that fails. */
export class Renewal<Wanted> {
  private readonly player: Player<Wanted>;
  private readonly signal: AbortSignal;
  private wanted: Wanted | null = null;
  private running = false;

  constructor(player: Player<Wanted>, signal: AbortSignal) {
    this.player = player;
    this.signal = signal;
  }

  want(wanted: Wanted): void {
    this.wanted = wanted;
    if (!this.running) void this.run();
  }

  /** Return what is wanted, which then is another's to bring. */
  take(): Wanted | null {
    const wanted = this.wanted;
    this.wanted = null;
    return wanted;
  }

  private async run(): Promise<void> {
    this.running = true;
    let failures = 0;
    while (this.wanted !== null && !this.signal.aborted) {
      const wanted = this.wanted;
      try {
        if (this.player.good() && (await this.player.move(wanted)) && this.wanted === wanted) {
          this.wanted = null;
          break;
        }
        await rest(LOOK, this.signal);
      } catch {
        await rest(Math.min(PAUSE * 2 ** failures++, LONGEST_PAUSE), this.signal);
      }
    }
    this.running = false;
  }
}
