/** The player's frame: when its controls rest, and how it fills the screen. */

import type { RefObject } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";

const REST = 2_800;

/** Whether the controls show: on any movement, key or focus, and always while *busy*. */
export function useIdle(frame: RefObject<HTMLElement | null>, busy: boolean) {
  const [awake, setAwake] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const wake = useCallback(() => {
    setAwake(true);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setAwake(false), REST);
  }, []);
  const sleep = useCallback(() => {
    clearTimeout(timer.current);
    setAwake(false);
  }, []);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const onMove = (event: PointerEvent) => {
      if (event.pointerType === "mouse") wake();
    };
    const onLeave = (event: PointerEvent) => {
      if (event.pointerType === "mouse") sleep();
    };
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerleave", onLeave);
    element.addEventListener("focusin", wake);
    element.addEventListener("input", wake);
    wake();
    return () => {
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerleave", onLeave);
      element.removeEventListener("focusin", wake);
      element.removeEventListener("input", wake);
      clearTimeout(timer.current);
    };
  }, [frame, wake, sleep]);
  return { visible: awake || busy, wake, sleep };
}

interface AppleVideo extends HTMLVideoElement {
  /** iPhones can only fill the screen with the video itself. */
  webkitEnterFullscreen?: () => void;
  webkitDisplayingFullscreen?: boolean;
}

/** Whether the picture is nowhere to be seen, or in a place of its own that another stream would close. */
export function away(video: HTMLVideoElement): boolean {
  const apple: AppleVideo = video;
  return document.hidden || document.pictureInPictureElement === video || apple.webkitDisplayingFullscreen === true ||
    ("remote" in video && video.remote.state !== "disconnected");
}

export function useFullscreen(frame: RefObject<HTMLElement | null>, video: RefObject<HTMLVideoElement | null>) {
  const [fullscreen, setFullscreen] = useState(false);
  useEffect(() => {
    const onChange = () => setFullscreen(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", onChange);
    return () => document.removeEventListener("fullscreenchange", onChange);
  }, []);
  const toggleFullscreen = () => {
    if (document.fullscreenElement) {
      void document.exitFullscreen();
    } else if (frame.current?.requestFullscreen) {
      frame.current.requestFullscreen().catch(() => undefined);
    } else {
      const apple: AppleVideo | null = video.current;
      apple?.webkitEnterFullscreen?.();
    }
  };
  return { fullscreen, toggleFullscreen };
}
