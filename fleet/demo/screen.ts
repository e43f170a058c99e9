import type { Writable } from 'node:stream';

const REDRAW_MS = 200;
const BAR_CELLS = 20;
const NAME_COLUMNS = 18;

/** Where the story is told: lines that stay, and on a terminal a last line that says how far it is. */
export interface Screen extends Disposable {
  /** Begins a chapter of which so many seconds are expected. */
  chapter(title: string, seconds: number): void;
  /** Says what somebody does or sees. */
  tell(username: string, text: string): void;
  /** Says something besides: a detail, or what comes by a stream. */
  note(text: string): void;
  /** What is being waited for, for the line of progress. */
  awaits(what: string): void;
  /** Says something on a line of its own, after a blank one. */
  say(text: string): void;
  fault(text: string): void;
}

const PAINTS = { bold: '1', dim: '2', red: '31', cyan: '36' } as const;

/** `totalSeconds` is what all chapters together are expected to take. Colours only where `colours` says so. */
export function createScreen(
  out: Pick<Writable, 'write'>,
  options: { terminal: boolean; colours: boolean; totalSeconds: number },
): Screen {
  const { terminal, colours, totalSeconds } = options;
  const started = performance.now();
  let chapters = 0;
  let secondsBefore = 0;
  let current = { seconds: 0, started };
  let awaited = '';

  const paint = (paintName: keyof typeof PAINTS, text: string) =>
    colours ? `\u001b[${PAINTS[paintName]}m${text}\u001b[0m` : text;

  function progressLine(): string {
    const now = performance.now();
    const inChapter = Math.min(current.seconds, (now - current.started) / 1000);
    const share = Math.min(1, (secondsBefore + inChapter) / totalSeconds);
    const filled = Math.round(share * BAR_CELLS);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
    const percent = String(Math.round(share * 100)).padStart(3);
    return paint('dim', `${bar} ${percent} %  ${clock(now - started)}  ${awaited}`);
  }

  function line(text: string): void {
    out.write(terminal ? `\r\u001b[K${text}\n${progressLine()}` : `${text}\n`);
  }
  const redraw = () => void out.write(`\r\u001b[K${progressLine()}`);
  const ticker = terminal ? setInterval(redraw, REDRAW_MS) : null;

  return {
    chapter(title, seconds) {
      secondsBefore += current.seconds;
      current = { seconds, started: performance.now() };
      chapters += 1;
      awaited = title;
      line('');
      line(paint('bold', `${chapters}. ${title}`));
    },
    tell: (username, text) => line(`   ${paint('cyan', username.padEnd(NAME_COLUMNS))} ${text}`),
    note: (text) => line(`   ${' '.repeat(NAME_COLUMNS)} ${paint('dim', text)}`),
    awaits(what) {
      awaited = `waiting until ${what}`;
    },
    say(text) {
      line('');
      line(paint('bold', text));
    },
    fault: (text) => line(paint('red', text)),
    [Symbol.dispose]() {
      if (ticker) clearInterval(ticker);
      if (terminal) out.write('\r\u001b[K');
    },
  };
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
