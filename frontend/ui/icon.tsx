// The icons we use, taken from Lucide at build time as plain SVG text.
import alert from "lucide-static/icons/circle-alert.svg?raw";
import archive from "lucide-static/icons/archive.svg?raw";
import arrowDown from "lucide-static/icons/arrow-down.svg?raw";
import arrowLeft from "lucide-static/icons/arrow-left.svg?raw";
import back from "lucide-static/icons/undo-2.svg?raw";
import check from "lucide-static/icons/check.svg?raw";
import checkCheck from "lucide-static/icons/check-check.svg?raw";
import chevronDown from "lucide-static/icons/chevron-down.svg?raw";
import chevronLeft from "lucide-static/icons/chevron-left.svg?raw";
import chevronRight from "lucide-static/icons/chevron-right.svg?raw";
import circleCheck from "lucide-static/icons/circle-check.svg?raw";
import clock from "lucide-static/icons/clock-3.svg?raw";
import contact from "lucide-static/icons/contact-round.svg?raw";
import copy from "lucide-static/icons/copy.svg?raw";
import doorOpen from "lucide-static/icons/door-open.svg?raw";
import download from "lucide-static/icons/download.svg?raw";
import external from "lucide-static/icons/external-link.svg?raw";
import file from "lucide-static/icons/file-text.svg?raw";
import fileArchive from "lucide-static/icons/file-archive.svg?raw";
import fileSheet from "lucide-static/icons/file-spreadsheet.svg?raw";
import handshake from "lucide-static/icons/handshake.svg?raw";
import help from "lucide-static/icons/circle-question-mark.svg?raw";
import image from "lucide-static/icons/image.svg?raw";
import inbox from "lucide-static/icons/inbox.svg?raw";
import info from "lucide-static/icons/info.svg?raw";
import mapPin from "lucide-static/icons/map-pin.svg?raw";
import messages from "lucide-static/icons/messages-square.svg?raw";
import mic from "lucide-static/icons/mic.svg?raw";
import more from "lucide-static/icons/ellipsis-vertical.svg?raw";
import music from "lucide-static/icons/music.svg?raw";
import offline from "lucide-static/icons/wifi-off.svg?raw";
import panel from "lucide-static/icons/panel-right.svg?raw";
import paperclip from "lucide-static/icons/paperclip.svg?raw";
import reopen from "lucide-static/icons/rotate-ccw.svg?raw";
import reply from "lucide-static/icons/reply.svg?raw";
import retry from "lucide-static/icons/refresh-cw.svg?raw";
import search from "lucide-static/icons/search.svg?raw";
import send from "lucide-static/icons/send.svg?raw";
import smartphone from "lucide-static/icons/smartphone.svg?raw";
import sticker from "lucide-static/icons/sticker.svg?raw";
import transfer from "lucide-static/icons/arrow-left-right.svg?raw";
import upload from "lucide-static/icons/cloud-upload.svg?raw";
import user from "lucide-static/icons/user-round.svg?raw";
import users from "lucide-static/icons/users.svg?raw";
import video from "lucide-static/icons/video.svg?raw";
import x from "lucide-static/icons/x.svg?raw";

export const icons = {
  alert,
  archive,
  arrowDown,
  arrowLeft,
  back,
  check,
  checkCheck,
  chevronDown,
  chevronLeft,
  chevronRight,
  circleCheck,
  clock,
  contact,
  copy,
  doorOpen,
  download,
  external,
  file,
  fileArchive,
  fileSheet,
  handshake,
  help,
  image,
  inbox,
  info,
  mapPin,
  messages,
  mic,
  more,
  music,
  offline,
  panel,
  paperclip,
  reopen,
  reply,
  retry,
  search,
  send,
  smartphone,
  sticker,
  transfer,
  upload,
  user,
  users,
  video,
  x,
};

/** Decoration only: whoever needs the words puts them beside it or on its button. */
export function Icon({ of, class: name = "" }: { of: string; class?: string }) {
  return <span class={`icon ${name}`} aria-hidden="true" dangerouslySetInnerHTML={{ __html: of }} />;
}
