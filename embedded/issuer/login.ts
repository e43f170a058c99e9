import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { DevelopmentUser } from './demoUsers.js';
import { errorPage, loginPage } from './pages.js';

const BODY_BYTES_MAX = 4_096;

/** Serves `/login/<id>`: shows the users, takes the choice, and sends the browser back into the protocol. */
export function createLogin(provider: Provider, users: readonly DevelopmentUser[]) {
  return async function login(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const interaction = await provider.interactionDetails(request, response).catch(() => null);
    if (!interaction) {
      return sendPage(
        response,
        400,
        errorPage('login_expired', 'This login was started too long ago or elsewhere.'),
      );
    }
    const finish = (result: Parameters<Provider['interactionFinished']>[2]) =>
      provider.interactionFinished(request, response, result);

    if (interaction.prompt.name === 'consent') return finish({ consent: {} });
    if (request.method !== 'POST')
      return sendPage(response, 200, loginPage(`/login/${interaction.uid}`, users));

    const form = await readForm(request);
    if (form.has('cancel'))
      return finish({ error: 'access_denied', error_description: 'The login was cancelled' });
    const user = users.find(({ username }) => username === form.get('username'));
    if (!user) return sendPage(response, 400, errorPage('unknown_user', 'There is no such user.'));
    return finish({ login: { accountId: user.subject }, select_account: {} });
  };
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > BODY_BYTES_MAX) break;
  }
  return new URLSearchParams(text);
}

function sendPage(response: ServerResponse, status: number, html: string) {
  response
    .writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .end(html);
}
