// Voice notes and sound files: play, where it stands, and how fast.
import { useRef, useState } from "preact/hooks";
import { duration } from "../../format/time";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { boot } from "../desk";
import { pauseIcon, playIcon } from "./audio-icons";
import type { BodyProps } from "./props";
import { isReady, MediaState } from "./media";
import { Caption } from "./text";

const SPEEDS = [1, 1.5, 2];
let playing: HTMLAudioElement | null = null;

export function AudioBody({ message }: BodyProps) {
  const { media, kind } = message;
  const sound = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(1);
  const [length, setLength] = useState(media?.seconds ?? 0);
  if (!isReady(media)) return <MediaState media={media} icon={icons.mic} />;

  const toggle = () => {
    const audio = sound.current!;
    if (!audio.paused) return audio.pause();
    if (playing !== audio) playing?.pause();
    playing = audio;
    audio.playbackRate = speed;
    void audio.play().catch(() => setPlaying(false));
  };
  const faster = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length]!;
    setSpeed(next);
    sound.current!.playbackRate = next;
  };
  return (
    <>
      <div class="player" role="group" aria-label={t(kind === "voice" ? "kind.voice" : "kind.audio")}>
        <button
          type="button"
          class="player-button"
          aria-label={t(isPlaying ? "player.pause" : "player.play")}
          onClick={toggle}
        >
          <Icon of={isPlaying ? pauseIcon : playIcon} />
        </button>
        <div class="player-track">
          <input
            type="range"
            class="player-range"
            min={0}
            max={Math.max(length, 0.1)}
            step={0.1}
            value={at}
            aria-label={t("player.position")}
            aria-valuetext={duration(at)}
            style={{ "--share": `${length ? (at / length) * 100 : 0}%` }}
            onInput={(event) => {
              sound.current!.currentTime = event.currentTarget.valueAsNumber;
              setAt(event.currentTarget.valueAsNumber);
            }}
          />
          <span class="player-time">
            {kind === "voice" ? <Icon of={icons.mic} /> : <Icon of={icons.music} />}
            {duration(at || length)}
          </span>
        </div>
        <button type="button" class="player-speed" title={t("player.speed")} onClick={faster}>
          <span class="sr-only">{t("player.speed")} </span>
          {speed.toLocaleString(boot.locale)}×
        </button>
        <audio
          ref={sound}
          src={media.url}
          preload="none"
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
          onEnded={() => setAt(0)}
          onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
          onDurationChange={(event) => {
            // Recordings of a browser say Infinity until they were played to the end.
            const { duration } = event.currentTarget;
            if (Number.isFinite(duration)) setLength(duration);
          }}
        />
      </div>
      <Caption message={message} />
    </>
  );
}
