// The keys that work in the console.
import { type Key, t } from "../../locales";
import { Dialog } from "../../ui/dialog";
import { dialog } from "../view";

const KEYS: [string[], Key][] = [
  [["J", "K"], "help.next"],
  [["/"], "help.search"],
  [["Enter"], "help.send"],
  [["Shift", "Enter"], "help.line"],
  [["↑", "↓"], "help.walk"],
  [["R"], "help.reply"],
  [["Esc"], "help.escape"],
  [["?"], "help.help"],
];

export function Help() {
  return (
    <Dialog title={t("help.title")} onClose={() => (dialog.value = null)}>
      <dl class="help-keys">
        {KEYS.map(([keys, word]) => (
          <div key={word}>
            <dt>{t(word)}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key} class="kbd kbd-sm">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
