// A certified OpenID provider (oidc-provider) on this machine, for tests: node provider.mjs <node_modules> <settings>
// Settings are JSON: issuer, port, jwks, clients, and what is told of each account. It says "ready" once it listens, and
// ends when its input does.
import { pathToFileURL } from "node:url";

const [modules, text] = process.argv.slice(2);
const settings = JSON.parse(text);
const { Provider } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`));

const provider = new Provider(settings.issuer, {
  clients: settings.clients,
  jwks: settings.jwks,
  claims: settings.claims,
  scopes: Object.keys(settings.claims),
  conformIdTokenClaims: settings.conform,
  cookies: { keys: ["for tests alone"] },
  pkce: { required: () => true },
  extraParams: ["vtr"],
  enabledJWA: {
    idTokenSigningAlgValues: ["RS256", "ES256", "RS512"],
    clientAuthSigningAlgValues: ["ES256", "RS512"],
  },
  clientBasedCORS: () => false,
  // it would tell nobody on this machine that somebody signed out, nor wait for a busy one
  fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined, signal: undefined }),
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  findAccount: (_context, sub) => ({
    accountId: sub,
    claims: async () => ({ sub, ...(settings.accounts[sub] ?? {}) }),
  }),
  async loadExistingGrant(context) {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope(context.oidc.params.scope);
    await grant.save();
    return grant;
  },
});

for (const event of ["server_error", "authorization.error", "grant.error", "backchannel.error", "end_session.error"]) {
  provider.on(event, (_context, error) => console.error(event, error?.message, error?.error_description));
}
provider.listen(settings.port, "127.0.0.1", () => console.log("ready"));
process.stdin.on("end", () => process.exit()).resume();
