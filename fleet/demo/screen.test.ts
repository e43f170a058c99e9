import { expect, test } from 'vitest';
import { createScreen } from './screen.js';

function capture(options: { terminal: boolean; colours: boolean }) {
  const written: string[] = [];
  const out = { write: (text: string) => written.push(text) > 0 };
  const screen = createScreen(out, { ...options, totalSeconds: 10 });
  return { screen, text: () => written.join('') };
}

test('what is no terminal gets plain lines, without colours and without a line of progress', () => {
  const { screen, text } = capture({ terminal: false, colours: false });
  using told = screen;
  told.chapter('A project', 4);
  told.tell('org-admin', 'creates the project');
  told.awaits('it is there');
  told.note('a detail');
  told.say('Done.');
  expect(text().split('\n')).toEqual([
    '',
    '1. A project',
    '   org-admin          creates the project',
    '                      a detail',
    '',
    'Done.',
    '',
  ]);
});

test('a terminal has a last line that says how far it is, for how long, and what is awaited', () => {
  const { screen, text } = capture({ terminal: true, colours: false });
  using told = screen;
  told.chapter('First', 4);
  told.chapter('Second', 6);
  told.awaits('it runs');
  told.note('a detail');
  expect(text().split('\r\u001b[K').at(-1)).toMatch(
    /a detail\n█{8}░{12} {2}40 % {2}0:00 {2}waiting until it runs$/,
  );
  told[Symbol.dispose]();
  expect(text().endsWith('\r\u001b[K')).toBe(true);
});

test('colours are used where they may be', () => {
  const { screen, text } = capture({ terminal: false, colours: true });
  using told = screen;
  told.fault('no');
  expect(text()).toBe('\u001b[31mno\u001b[0m\n');
});
