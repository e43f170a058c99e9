interface Page {
  readonly url: string;
  readonly status: number;
  readonly text: string;
}

const REDIRECTS_MAX = 10;

/**
 * As much of a browser as a login needs: it follows redirects, keeps cookies by path, and submits forms, also those that
 * a script on the page would submit. A redirect to `stopAt` is not followed: the page it returns has that URL and no text.
 */
export function createBrowser({ stopAt }: { stopAt: string }) {
  const cookies = new Map<string, { value: string; path: string }>();

  function cookieHeader({ pathname }: URL): string {
    const matching = [...cookies].filter(([, { path }]) => pathname.startsWith(path));
    return matching.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  function store(setCookie: string) {
    const [pair = '', ...attributes] = setCookie.split(/; */);
    const name = pair.slice(0, pair.indexOf('='));
    const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
    const hasExpired = attributes.some((attribute) => /^expires=Thu, 01 Jan 1970/i.test(attribute));
    if (hasExpired) cookies.delete(name);
    else cookies.set(name, { value: pair.slice(name.length + 1), path });
  }

  async function visit(start: string, form?: URLSearchParams): Promise<Page> {
    let url = new URL(start);
    let body = form;
    for (let redirects = 0; redirects < REDIRECTS_MAX; redirects++) {
      const response = await fetch(url, {
        method: body ? 'POST' : 'GET',
        headers: { cookie: cookieHeader(url), accept: 'text/html' },
        redirect: 'manual',
        ...(body && { body }),
      });
      response.headers.getSetCookie().forEach(store);
      const location = response.headers.get('location');
      const text = await response.text();
      const submitsItself = text.includes('document.forms[0].submit()');
      if (!location && !submitsItself) return { url: url.href, status: response.status, text };
      url = new URL(location ?? formAction(text), url);
      body = submitsItself ? hiddenFields(text) : undefined;
      if (url.href.startsWith(stopAt)) return { url: url.href, status: response.status, text: '' };
    }
    throw new Error(`More than ${REDIRECTS_MAX} redirects from ${start}`);
  }

  return {
    open: (url: string) => visit(url),
    /** Submits the page's one form with these fields. */
    submit(page: Page, fields: Record<string, string>) {
      return visit(new URL(formAction(page.text), page.url).href, new URLSearchParams(fields));
    },
  };
}

function formAction(html: string): string {
  const action = /<form method="post" action="([^"]+)">/.exec(html)?.[1];
  if (!action) throw new Error(`There is no form on this page: ${html}`);
  return action;
}

function hiddenFields(html: string): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [, name = '', value = ''] of html.matchAll(
    /<input type="hidden" name="([^"]+)" value="([^"]*)"/g,
  )) {
    fields.append(name, value);
  }
  return fields;
}
