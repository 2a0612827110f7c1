/** The picture that stands over the video while its stream is exchanged. */

/** How long a picture that can be shown may take to be seen, milliseconds. */
const PATIENCE = 1_000;

/**
 * A video that gets another stream is black until the first picture of that is decoded. `show`
 * holds the last one over it; it goes by itself when the new stream has shown its first.
 */
export class Still {
  private readonly video: HTMLVideoElement;
  private readonly canvas: HTMLCanvasElement;
  private over = new AbortController();

  constructor(video: HTMLVideoElement, canvas: HTMLCanvasElement) {
    this.video = video;
    this.canvas = canvas;
  }

  show(): void {
    const { videoWidth, videoHeight, readyState } = this.video;
    if (!videoWidth || readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.canvas.width = videoWidth;
    this.canvas.height = videoHeight;
    this.canvas.getContext("2d")?.drawImage(this.video, 0, 0);
    this.canvas.hidden = false;
    this.over.abort();
    this.over = new AbortController();
    // Until the element is emptied, pictures that are on their way belong to the old stream.
    this.video.addEventListener("emptied", () => this.hideWithPicture(), { once: true, signal: this.over.signal });
  }

  hide(): void {
    this.over.abort();
    this.canvas.hidden = true;
  }

  private hideWithPicture(): void {
    const { signal } = this.over;
    const shown = () => {
      if (signal.aborted) return;
      if (this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) this.hide();
      else this.video.addEventListener("loadeddata", shown, { once: true, signal });
    };
    if ("requestVideoFrameCallback" in this.video) this.video.requestVideoFrameCallback(shown);
    // Browsers without that call, and pages that nobody sees, show no picture to wait for.
    this.video.addEventListener("canplay", () => setTimeout(shown, PATIENCE), { once: true, signal });
  }
}
