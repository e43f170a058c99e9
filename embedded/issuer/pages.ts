import type { DevelopmentUser } from './demoUsers.js';

/** The page on which one picks who to be. `csrf` is not needed: the login is bound to the browser by a signed cookie. */
export function loginPage(action: string, users: readonly DevelopmentUser[]): string {
  const choices = users.map(
    ({ username, name, about }) => `
      <li><button name="username" value="${escape(username)}">
        <strong>${escape(name)}</strong> <code>${escape(username)}</code>
        <span>${escape(about)}</span>
      </button></li>`,
  );
  return page(
    'Log in to Fleetgraph',
    `<p class="notice">Development issuer: there are no passwords. Whoever reaches this page can be anybody, so it
      belongs on this machine only.</p>
    <form method="post" action="${escape(action)}">
      <ul>${choices.join('')}
      </ul>
      <button class="quiet" name="cancel" value="yes">Cancel</button>
    </form>`,
  );
}

export const errorPage = (title: string, description: string): string =>
  page(
    'The login did not work',
    `<p class="notice">${escape(description)} <code>${escape(title)}</code></p>
    <p>Go back to where you came from and start again.</p>`,
  );

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <style>${style}</style>
  </head>
  <body>
    <main>
    <h1>${title}</h1>
    ${body}
    </main>
  </body>
</html>
`;

const escape = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const style = `
  :root { color-scheme: light dark; --ink: #1c2330; --quiet: #5d6878; --paper: #f4f6f9; --card: #fff; --line: #d9dfe8; --accent: #0b6e4f; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #e7ecf3; --quiet: #9aa7b8; --paper: #12161d; --card: #1b212b; --line: #323c4a; --accent: #4fc79b; }
  }
  * { box-sizing: border-box; }
  body { margin: 0; padding: 2rem 1rem; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
  main { max-width: 34rem; margin: 0 auto; }
  h1 { font-size: 1.5rem; margin: 0 0 1rem; }
  .notice { border-left: 4px solid var(--accent); padding: .25rem 0 .25rem .75rem; color: var(--quiet); }
  ul { list-style: none; margin: 1.5rem 0; padding: 0; display: grid; gap: .5rem; }
  li button { width: 100%; padding: .7rem 1rem; text-align: left; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; }
  button { font: inherit; color: inherit; cursor: pointer; }
  button:hover, button:focus-visible { border-color: var(--accent); outline: 2px solid var(--accent); outline-offset: -1px; }
  li span { display: block; color: var(--quiet); font-size: .9rem; }
  code { color: var(--quiet); font-size: .85rem; }
  .quiet { background: none; border: 1px solid transparent; padding: .4rem .8rem; border-radius: .5rem; color: var(--quiet); }
`;
