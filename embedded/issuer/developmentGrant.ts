import type { errors, Provider, ResourceServer } from 'oidc-provider';
import type { DevelopmentUser } from './demoUsers.js';

/** The OAuth grant by which scripts get a token for a demo user by naming it. No issuer for people has one like it. */
export const DEVELOPMENT_GRANT = 'urn:fleetgraph:development';

/** Adds the grant to the token endpoint: `grant_type`, `client_id` and `username` in, an access token out. */
export function addDevelopmentGrant(options: {
  provider: Provider;
  InvalidGrant: typeof errors.CustomOIDCProviderError;
  users: readonly DevelopmentUser[];
  resource: ResourceServer & { readonly identifier: string };
}) {
  const { provider, InvalidGrant, users, resource } = options;

  provider.registerGrantType<{ username?: string }>(
    DEVELOPMENT_GRANT,
    async (ctx) => {
      const user = users.find(({ username }) => username === ctx.oidc.params.username);
      if (!user) {
        const known = users.map(({ username }) => username).join(', ');
        throw new InvalidGrant('invalid_grant', `There is no such user. There are: ${known}.`);
      }
      const token = new provider.AccessToken({
        accountId: user.subject,
        client: ctx.oidc.client,
        grantId: DEVELOPMENT_GRANT,
        gty: DEVELOPMENT_GRANT,
        resourceServer: new provider.ResourceServer(resource.identifier, resource),
      });
      ctx.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: token.expiration };
    },
    ['username'],
  );
}
