/** The panels above the controls: captions, sound, picture and speed, chapters. */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { clock } from "../kit/format";
import { Icon } from "../kit/icons";
import type { Engine } from "./engine";
import { SPEEDS } from "./keys";
import { CAPTION_COLOURS, CAPTION_SIZES, type CaptionColour, prefer, preferences } from "./preferences";
import { at } from "./vtt";

export type MenuName = "captions" | "audio" | "settings" | "chapters";

interface Option {
  id: string;
  name: string;
  detail?: string;
}

interface ChoiceProps {
  legend: string;
  group: string;
  options: Option[];
  chosen: string;
  choose: (id: string) => void;
  inline?: boolean;
}

/** Radio buttons: the browser gives them arrow keys, names and states. */
function Choices({ legend, group, options, chosen, choose, inline = false }: ChoiceProps) {
  const element = useRef<HTMLFieldSetElement>(null);
  const ids = options.map((one) => one.id).join("\n");
  // A later version of the title has other tracks: the option that had the focus may be gone.
  useLayoutEffect(() => {
    if (document.activeElement === document.body) element.current?.querySelector<HTMLElement>("input:checked")?.focus();
  }, [ids]);
  return (
    <fieldset class={inline ? "choices inline" : "choices"} ref={element}>
      <legend>{legend}</legend>
      <div>
        {options.map((one) => (
          <label key={one.id}>
            <input type="radio" name={group} checked={one.id === chosen} onChange={() => choose(one.id)} />
            <span class="choice-name num">{one.name}</span>
            {one.detail && <span class="choice-detail num">{one.detail}</span>}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Captions({ engine }: { engine: Engine }) {
  const { captionSize, captionColour } = preferences.value;
  const choices = engine.text.value;
  const colours = Object.entries(CAPTION_COLOURS) as [CaptionColour, string][];
  return (
    <>
      <Choices legend="Captions" group="captions" chosen={engine.activeText.value}
        options={[{ id: "", name: "Off" }, ...choices]}
        choose={(id) => engine.chooseText(choices.find((one) => one.id === id) ?? null)} />
      <Choices legend="Size" group="caption-size" inline chosen={String(captionSize)}
        options={CAPTION_SIZES.map(([size, name]) => ({ id: String(size), name }))}
        choose={(id) => prefer({ captionSize: Number(id) })} />
      <Choices legend="Colour" group="caption-colour" inline chosen={captionColour}
        options={colours.map(([id, name]) => ({ id, name }))}
        choose={(id) => prefer({ captionColour: id as CaptionColour })} />
    </>
  );
}

function Settings({ engine }: { engine: Engine }) {
  const rungs = engine.qualities.value;
  const active = rungs.find((one) => one.id === engine.activeQuality.value);
  const automatic = engine.automatic.value;
  return (
    <>
      <Choices legend="Quality" group="quality" chosen={automatic ? "auto" : String(active?.id)}
        options={[
          { id: "auto", name: "Auto", detail: automatic && active ? `now ${active.name}` : "as the network allows" },
          ...rungs.map((one) => ({ id: String(one.id), name: one.name, detail: one.detail })),
        ]}
        choose={(id) => engine.chooseQuality(rungs.find((one) => String(one.id) === id) ?? null)} />
      <Choices legend="Speed" group="speed" inline chosen={String(engine.rate.value)}
        options={SPEEDS.map((one) => ({ id: String(one), name: one === 1 ? "Normal" : `${one}×` }))}
        choose={(id) => engine.setRate(Number(id))} />
    </>
  );
}

function Audio({ engine }: { engine: Engine }) {
  const choices = engine.audio.value;
  return (
    <Choices legend="Sound" group="audio" chosen={engine.activeAudio.value} options={choices}
      choose={(id) => {
        const found = choices.find((one) => one.id === id);
        if (found) engine.chooseAudio(found);
      }} />
  );
}

function Chapters({ engine, close }: { engine: Engine; close: () => void }) {
  const list = engine.chapters.value;
  const current = at(list, engine.time.value);
  return (
    <div class="choices">
      <p class="legend">Chapters</p>
      <ol>
        {list.map((one) => (
          <li key={one.start}>
            <button type="button" aria-current={one === current ? "true" : undefined}
              onClick={() => {
                engine.seek(one.start);
                close();
              }}>
              <span class="choice-name">{one.text}</span>
              <span class="choice-detail num">{clock(one.start)}</span>
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
}

const TITLES: Record<MenuName, string> = {
  captions: "Captions",
  audio: "Sound",
  settings: "Picture and speed",
  chapters: "Chapters",
};

export function Menu({ name, engine, close }: { name: MenuName; engine: Engine; close: () => void }) {
  const panel = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = panel.current;
    const first = element?.querySelector<HTMLElement>("input:checked, [aria-current], input, li button");
    first?.focus();
    const onPointer = (event: PointerEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (target && !element?.contains(target) && !target.closest("[data-menu]")) close();
    };
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [name, close]);
  let content: ComponentChildren;
  if (name === "captions") content = <Captions engine={engine} />;
  else if (name === "audio") content = <Audio engine={engine} />;
  else if (name === "settings") content = <Settings engine={engine} />;
  else content = <Chapters engine={engine} close={close} />;
  return (
    <div class="menu" ref={panel} role="dialog" aria-label={TITLES[name]}>
      <button type="button" class="control menu-close" aria-label="Close" onClick={close}>
        <Icon name="close" />
      </button>
      {content}
    </div>
  );
}
