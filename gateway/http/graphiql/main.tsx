import 'graphiql/setup-workers/vite';
import { GraphiQL } from 'graphiql';
import { StrictMode, useMemo, useState } from 'react';
import { createRoot } from 'react-dom/client';
import 'graphiql/style.css';
import './page.css';
import { discover, examples, type Discovery } from './discovery.js';
import { createFetcher } from './fetcher.js';
import { readSession, writeSession, type Session } from './session.js';
import { finishSignIn } from './signIn.js';
import { SignInBar } from './SignInBar.js';

interface PageProps {
  readonly discovery: Discovery;
  readonly fault: string | null;
}

function Page({ discovery, fault: earlierFault }: PageProps) {
  const [session, setSession] = useState<Session | null>(readSession);
  const [fault, setFault] = useState(earlierFault);
  const fetcher = useMemo(() => createFetcher(discovery, session), [discovery, session]);
  const tabs = useMemo(() => examples().map(({ query, variables = '' }) => ({ query, variables })), []);
  const change = (changed: Session | null) => {
    writeSession(changed);
    setFault(null);
    setSession(changed);
  };
  return (
    <>
      <header>
        <h1>Fleetgraph</h1>
        {fault && <span role="alert">{fault}</span>}
        <SignInBar
          discovery={discovery}
          session={session}
          onChange={change}
          onFault={(error) => setFault(textOf(error))}
        />
      </header>
      <GraphiQL
        fetcher={fetcher}
        isHeadersEditorEnabled={false}
        defaultEditorToolsVisibility="variables"
        {...(tabs.length > 0 && { defaultTabs: tabs })}
      >
        <GraphiQL.Logo> </GraphiQL.Logo>
      </GraphiQL>
    </>
  );
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function start(): Promise<void> {
  const discovery = await discover();
  let fault: string | null = null;
  try {
    const session = await finishSignIn(discovery);
    if (session) writeSession(session);
  } catch (error) {
    fault = `Signing in failed: ${textOf(error)}`;
  }
  const element = document.getElementById('page');
  if (!element) throw new Error('The page has no place for its content');
  createRoot(element).render(
    <StrictMode>
      <Page discovery={discovery} fault={fault} />
    </StrictMode>,
  );
}

void start();
