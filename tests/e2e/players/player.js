/* One face on three players. Python calls `start(name, url, from)` (`from` is where to begin, null
   for wherever the player does) and then the functions of `player`:
   rungs, pick(i), audio, pickAudio(language), text, pickText(language). `report()` tells what is
   on the screen, from the video element and not from what a player believes. */
const video = document.querySelector("video");
const errors = [];
let player = null;

const SCRIPTS = {
  "hls.js": "node_modules/hls.js/dist/hls.js",
  "shaka": "node_modules/shaka-player/dist/shaka-player.compiled.debug.js",
  "dash.js": "node_modules/dashjs/dist/modern/umd/dash.all.debug.js",
};

function loadScript(source) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = source;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`cannot load ${source}`));
    document.head.append(script);
  });
}

async function hlsjs(url) {
  const hls = new Hls({ enableWorker: true });
  hls.on(Hls.Events.ERROR, (_, data) => {
    errors.push({ fatal: data.fatal, what: `${data.type} ${data.details} ${data.error ?? ""}` });
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  await new Promise((resolve, reject) => {
    hls.on(Hls.Events.MANIFEST_PARSED, resolve);
    hls.on(Hls.Events.ERROR, (_, data) => data.fatal && reject(new Error(data.details)));
  });
  const order = () => hls.levels.map((level, index) => ({ level, index }))
    .sort((a, b) => a.level.bitrate - b.level.bitrate);
  return {
    rungs: () => order().map(({ level, index }) => ({
      height: level.height ?? 0, bandwidth: level.bitrate, active: index === hls.currentLevel,
      codec: level.videoCodec ?? "",
    })),
    pick: (place) => { hls.currentLevel = order()[place].index; },
    audio: () => hls.audioTracks.map((track) => track.lang ?? ""),
    pickAudio: (language) => {
      hls.audioTrack = hls.audioTracks.findIndex((track) => track.lang === language);
    },
    currentAudio: () => hls.audioTracks[hls.audioTrack]?.lang ?? "",
    text: () => hls.subtitleTracks.map((track) => track.lang ?? ""),
    pickText: (language) => {
      hls.subtitleDisplay = true;
      hls.subtitleTrack = hls.subtitleTracks.findIndex((track) => track.lang === language);
    },
  };
}

async function shakaPlayer(url, from) {
  shaka.polyfill.installAll();
  const one = new shaka.Player();
  await one.attach(video);
  one.addEventListener("error", ({ detail }) => {
    errors.push({ fatal: detail.severity === 2, what: `shaka ${detail.code} ${detail.data}` });
  });
  try {
    await one.load(url, from);
  } catch (error) {
    throw new Error(`shaka ${error.code} ${JSON.stringify(error.data)}`);
  }
  const active = () => one.getVariantTracks().find((track) => track.active);
  const variants = () => one.getVariantTracks()
    .filter((track) => (track.language ?? "") === (active()?.language ?? ""))
    .sort((a, b) => a.bandwidth - b.bandwidth);
  return {
    rungs: () => variants().map((track) => ({
      height: track.height ?? 0, bandwidth: track.bandwidth, active: track.active,
      codec: track.videoCodec ?? "",
    })),
    pick: (place) => {
      one.configure({ abr: { enabled: false } });
      one.selectVariantTrack(variants()[place], true);
    },
    audio: () => [...new Set(one.getAudioTracks().map((track) => track.language))],
    pickAudio: (language) => {
      one.selectAudioTrack(one.getAudioTracks().find((track) => track.language === language));
    },
    currentAudio: () => one.getAudioTracks().find((track) => track.active)?.language ?? "",
    text: () => one.getTextTracks().map((track) => track.language),
    pickText: (language) => {
      one.selectTextTrack(one.getTextTracks().find((track) => track.language === language));
    },
    thumbnail: (second) => one.getThumbnails(one.getImageTracks()[0].id, second),
  };
}

async function dashjsPlayer(url, from) {
  const one = dashjs.MediaPlayer().create();
  one.updateSettings({ debug: { logLevel: dashjs.Debug.LOG_LEVEL_NONE } });
  one.on(dashjs.MediaPlayer.events.ERROR, ({ error }) => {
    errors.push({ fatal: true, what: `dash.js ${error.code ?? ""} ${error.message ?? error}` });
  });
  const ready = new Promise((resolve) => {
    one.on(dashjs.MediaPlayer.events.STREAM_INITIALIZED, resolve);
  });
  const page = document.createElement("div");
  page.id = "rendered";
  document.body.append(page);
  // An MPD anchor (ISO/IEC 23009-1 Annex C.4).
  one.initialize(video, from === null ? url : `${url}#t=${from}`, false);
  one.attachTTMLRenderingDiv(page);
  await ready;
  const ladder = () => one.getRepresentationsByType("video")
    .sort((a, b) => a.bandwidth - b.bandwidth);
  return {
    rungs: () => {
      const current = one.getCurrentRepresentationForType("video");
      return ladder().map((one) => ({
        height: one.height ?? 0, bandwidth: one.bandwidth, active: one.id === current?.id,
        codec: one.codecs ?? "",
      }));
    },
    pick: (place) => {
      one.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: false } } } });
      one.setRepresentationForTypeById("video", ladder()[place].id, true);
    },
    audio: () => one.getTracksFor("audio").map((track) => track.lang ?? ""),
    pickAudio: (language) => {
      one.setCurrentTrack(one.getTracksFor("audio").find((track) => track.lang === language));
    },
    currentAudio: () => one.getCurrentTrackFor("audio")?.lang ?? "",
    text: () => one.getTracksFor("text").map((track) => track.lang ?? ""),
    pickText: (language) => {
      one.setTextTrack(one.getTracksFor("text").findIndex((track) => track.lang === language));
    },
  };
}

const PLAYERS = { "hls.js": hlsjs, "shaka": shakaPlayer, "dash.js": dashjsPlayer };

video.addEventListener("error", () => {
  errors.push({ fatal: true, what: `video element ${video.error.code} ${video.error.message}` });
});

window.start = async (name, url, from) => {
  localStorage.clear(); // dash.js remembers rates; each page is to begin anew
  await loadScript(SCRIPTS[name]);
  player = await PLAYERS[name](url, from);
  await video.play();
};

window.seek = (seconds) => new Promise((resolve) => {
  video.addEventListener("seeked", resolve, { once: true });
  video.currentTime = seconds;
});

window.act = (what, ...given) => player[what](...given);

window.report = () => ({
  time: video.currentTime,
  duration: video.duration,
  ended: video.ended || video.currentTime >= video.duration,
  seekable: video.seekable.length ? video.seekable.end(video.seekable.length - 1) : 0,
  buffered: video.buffered.length ? video.buffered.end(video.buffered.length - 1) : 0,
  width: video.videoWidth,
  height: video.videoHeight,
  frames: video.getVideoPlaybackQuality().totalVideoFrames,
  audioBytes: video.webkitAudioDecodedByteCount,
  rungs: player?.rungs() ?? [],
  audio: player?.audio() ?? [],
  currentAudio: player?.currentAudio() ?? "",
  text: player?.text() ?? [],
  cues: [...video.textTracks].filter((track) => track.mode === "showing")
    .flatMap((track) => [...(track.activeCues ?? [])].map((cue) => cue.getCueAsHTML().textContent))
    .concat(document.querySelector("#rendered")?.innerText.trim() || [])
    .filter(Boolean),
  errors,
});
