// Files may be dropped anywhere on the thread while it is mine to answer.
import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { t } from "../../locales";
import { Icon, icons } from "../../ui/icon";
import { isMine } from "../desk";
import { focusComposer } from "../view";
import { attach } from "./attachments";

export function DropZone({ children }: { children: ComponentChildren }) {
  const [isOver, setOver] = useState(false);
  const depth = useRef(0);
  const hasFiles = (event: DragEvent) =>
    isMine.value && (event.dataTransfer?.types.includes("Files") ?? false);
  return (
    <div
      class="drop-zone"
      onDragEnter={(event) => {
        if (!hasFiles(event)) return;
        depth.current += 1;
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (hasFiles(event) && --depth.current <= 0) setOver(false);
      }}
      onDragOver={(event) => hasFiles(event) && event.preventDefault()}
      onDrop={(event) => {
        depth.current = 0;
        setOver(false);
        if (!hasFiles(event)) return;
        event.preventDefault();
        void attach(event.dataTransfer!.files).then(focusComposer);
      }}
    >
      {children}
      {isOver && (
        <div class="drop-here" aria-hidden="true">
          <Icon of={icons.upload} class="text-4xl" />
          {t("composer.drop")}
        </div>
      )}
    </div>
  );
}
