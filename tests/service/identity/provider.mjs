// A provider of OpenID Connect on a free port, with `oidc-provider`: whoever names a person in its form is let in as that
// person, with the `amr` and `acr` that the form says. Its clients are those of the command line.
// node provider.mjs PACKAGES CALLBACK
import { createServer } from "node:http";
import { createRequire } from "node:module";

const [packages, callback] = process.argv.slice(2);
const require = createRequire(`${packages}/x.js`);
const { Provider } = await import(require.resolve("oidc-provider"));

const people = {
    ann: { email: "ann@acme.example", email_verified: true, groups: ["finance-leads", "all"] },
    bob: { email: "bob@acme.example", email_verified: false, groups: ["all"] },
};
const client = { redirect_uris: [callback], response_types: ["code"], grant_types: ["authorization_code"] };
const configuration = {
    clients: [
        { ...client, client_id: "agpc", client_secret: "a secret: of+ours%" },
        { ...client, client_id: "public", token_endpoint_auth_method: "none" },
    ],
    claims: { openid: ["sub", "acr", "amr", "auth_time"], email: ["email", "email_verified"], groups: ["groups"] },
    acrValues: ["aal1", "aal2"],
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    cookies: { keys: ["for tests"] },
    async findAccount(_, id) {
        return people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) };
    },
    async loadExistingGrant(context) {
        const grant = new context.oidc.provider.Grant({
            clientId: context.oidc.client.clientId,
            accountId: context.oidc.session.accountId,
        });
        grant.addOIDCScope("openid email groups profile");
        grant.addOIDCClaims(["auth_time", "acr", "amr"]);
        await grant.save();
        return grant;
    },
};

const server = createServer(async (request, response) => {
    try {
        if (!request.url.startsWith("/interaction/")) return answer(request, response);
        if (request.method === "GET") {
            response.setHeader("content-type", "text/html");
            const rows = ["login", "amr", "acr"].map((each) => `<label>${each} <input name="${each}"></label>`);
            return response.end(`<title>Provider</title><form method="post">${rows.join("")}<button>In</button></form>`);
        }
        let body = "";
        for await (const part of request) body += part;
        const form = new URLSearchParams(body);
        const login = { accountId: form.get("login"), remember: true };
        if (form.get("amr")) login.amr = form.get("amr").split(" ");
        if (form.get("acr")) login.acr = form.get("acr");
        const result = form.get("login") ? { login } : { error: "access_denied" };
        await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    } catch (error) {
        response.statusCode = 500;
        response.end(String(error));
    }
});
let provider, answer;
server.listen(0, "127.0.0.1", () => {
    const issuer = `http://127.0.0.1:${server.address().port}`;
    provider = new Provider(issuer, configuration);
    answer = provider.callback();
    console.log(issuer);
});
