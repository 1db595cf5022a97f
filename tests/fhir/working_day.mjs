// A working day of a partner's system with fhir-kit-client:
// node working_day.mjs NODE_MODULES ADDRESS ASSERTION NUMBER TRANSACTION UPDATE ACTION
import { createHash } from "node:crypto";
import { pathToFileURL } from "node:url";

const [modules, address, assertion, number, transaction, update, action] = process.argv.slice(2);
const { Client } = await import(pathToFileURL(`${modules}/fhir-kit-client/dist/index.js`));

const client = new Client({ baseUrl: `${address}/fhir/R4` });
const smart = await client.smartAuthMetadata();
const statement = await client.capabilityStatement();

const form = new URLSearchParams({
  grant_type: "client_credentials",
  scope: "system/*.cruds",
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: assertion,
});
const answered = await fetch(smart.tokenUrl ?? `${address}/oauth2/token`, { method: "POST", body: form });
client.bearerToken = (await answered.json()).access_token;

const pushed = await client.transaction({ body: JSON.parse(transaction) });
const [, own, made] = pushed.entry[1].response.location.match(/Condition\/([^/]+)\/_history\/(.+)/);
const found = await client.resourceSearch({
  resourceType: "Patient",
  searchParams: { identifier: `https://fhir.nhs.uk/Id/nhs-number|${number}` },
  options: { postSearch: true },
});
const patient = found.entry[0].resource;
const problems = [];
let page = await client.resourceSearch({
  resourceType: "Condition",
  searchParams: { patient: patient.id, _count: 1, _sort: "_id" },
});
while (page) {
  problems.push(...page.entry.filter((one) => one.search.mode === "match").map((one) => one.resource));
  page = page.link.some((one) => one.relation === "next") ? await client.nextPage({ bundle: page }) : undefined;
}
const everything = await client.operation({
  name: "everything",
  resourceType: "Patient",
  id: patient.id,
  method: "GET",
});
const first = await client.read({ resourceType: "Condition", id: problems[0].id });
const version = await client.vread({ resourceType: "Condition", id: first.id, version: first.meta.versionId });
const body = { ...JSON.parse(update), id: own };
const updated = await client.update({ resourceType: "Condition", id: own, body });
const refused = await client.read({ resourceType: "Condition", id: "1" }).catch((error) => error.response.status);
for (const [status, text] of [["accepted", "Ours to do"], ["completed", "The window shuts"]]) {
  const held = await client.read({ resourceType: "Task", id: action });
  await client.update({ resourceType: "Task", id: action, body: { ...held, status, statusReason: { text } } });
}
const task = await client.read({ resourceType: "Task", id: action });

console.log(
  JSON.stringify({
    fhirVersion: statement.fhirVersion,
    person: patient.id,
    problems: problems.map((one) => one.id),
    everything: everything.entry.length,
    same: createHash("sha256").update(JSON.stringify(first)).digest("hex") ===
      createHash("sha256").update(JSON.stringify(version)).digest("hex"),
    own,
    updated: [updated.clinicalStatus.coding[0].code, updated.meta.versionId !== made],
    refused,
    action: task.status,
  }),
);
