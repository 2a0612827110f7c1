/** How Shaka Player is set for our streams. */

/** For a *film*, finished or growing, or else a live channel. */
export function configurationFor(film: boolean) {
  return {
    // Without droppedFrames: it would take rungs out of the menu while a slow machine hiccups.
    abr: { droppedFrames: false, defaultBandwidthEstimate: 3_000_000 },
    streaming: {
      bufferingGoal: 30,
      rebufferingGoal: 1,
      bufferBehind: 60,
      inaccurateManifestTolerance: 0, // our segments lie where the manifest says
      preferNativeHls: false,
      retryParameters: { maxAttempts: 4, baseDelay: 500, backoffFactor: 2, timeout: 30_000 },
    },
    manifest: {
      retryParameters: { maxAttempts: 3, baseDelay: 500, timeout: 20_000 },
      // A film that grows has no edge to keep away from.
      ...(film ? { defaultPresentationDelay: 1 } : {}),
    },
  };
}
