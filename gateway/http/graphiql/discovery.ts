/** What the server says of itself. Without an issuer nobody needs to sign in. */
export interface Discovery {
  readonly issuer: string | null;
  readonly clientId: string | null;
  readonly resource: string | null;
  readonly websocketUrl: string;
}

export interface Example {
  readonly title: string;
  readonly query: string;
  readonly variables?: string;
}

export async function discover(): Promise<Discovery> {
  const response = await fetch('/.well-known/fleetgraph.json');
  return (await response.json()) as Discovery;
}

/** The server writes them into the page. */
export function examples(): readonly Example[] {
  const settings = document.getElementById('settings')?.textContent ?? '{}';
  return (JSON.parse(settings) as { examples?: readonly Example[] }).examples ?? [];
}
