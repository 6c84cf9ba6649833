// How a Node driver talks: one case a line on stdin, one result a line on stdout, as talk.py has it.
//
// A driver has `own(error)`, whether an error is of the client's own classes; `open(job)`, a new client;
// `ask(client, job)`, an async generator of what the client gives; `read(given, job, answer)`, what an application
// makes of it without guards; and may have `notices(given)`, the errors that the client reports without raising, and
// `reads`, when it is the client that takes the arguments of tool calls apart.

import { createInterface } from "node:readline";

const LONGEST = 2000;
const MOST = 3;

export class NoSuchCallError extends Error {}

/** Put a fragment of a tool call where loops that follow the documentation put it: at its index. */
export function addCall(answer, index, id, name, args) {
  answer._calls ??= new Map();
  if (!answer._calls.has(index)) answer._calls.set(index, { id: "", name: "", arguments: "" });
  const call = answer._calls.get(index);
  if (id) call.id += id;
  if (name) call.name += name;
  if (args) call.arguments += args;
}

export const usage = (prompt, completion, total) => ({
  prompt: prompt ?? null,
  completion: completion ?? null,
  total: total ?? null,
});

/** Do with a whole answer what every application does: take the arguments of tool calls apart. */
function use(answer) {
  for (const call of answer.tool_calls ?? answer._calls?.values() ?? []) JSON.parse(call.arguments);
}

/** The class of an error as people know it: its name, or its constructor's where all are called Error. */
function nameOf(error) {
  if (error === null || typeof error !== "object") return typeof error;
  return error.name && error.name !== "Error" ? error.name : (error.constructor?.name ?? "Error");
}

export function describe(driver, error) {
  const cause = error?.cause;
  return {
    own: driver.own(error),
    class: nameOf(error),
    message: String(error?.message ?? error).slice(0, LONGEST),
    cause: cause ? `${nameOf(cause)}: ${cause.message ?? cause}${cause.code ? ` (${cause.code})` : ""}`.slice(0, LONGEST) : "",
  };
}

async function run(driver, job, say) {
  const given = [];
  const begun = performance.now();
  let heard = begun;
  let raised = null;
  let done = false;

  const report = (more) => {
    if (done) return;
    done = true;
    clearInterval(watch);
    const answer = {};
    let loop = null;
    try {
      driver.read([...given], job, answer);
      if (raised === null && !more.hung && !driver.reads) use(answer);
    } catch (error) {
      loop = describe(driver, error);
    }
    if (answer._calls) answer.tool_calls = [...answer._calls.values()];
    delete answer._calls;
    say({
      case: job.case,
      sdk: raised === null ? null : describe(driver, raised.error),
      loop,
      noticed: (driver.notices?.(given) ?? []).slice(0, MOST).map((one) => (one?.class ? one : describe(driver, one))),
      hung: false,
      given: given.length,
      seconds: Math.round(performance.now() - begun) / 1000,
      answer,
      ...more,
    });
  };

  const watch = setInterval(() => {
    const now = performance.now();
    if (now - heard > job.silence * 1000 || now - begun > job.limit * 1000) {
      report({ hung: true });
      process.exit(0);
    }
  }, 20);

  try {
    const client = await driver.open(job);
    for (let call = 0; call < job.warm; call++) for await (const _ of driver.ask(client, job));
    heard = performance.now();
    for await (const one of driver.ask(client, job)) {
      given.push(one);
      heard = performance.now();
      if (job.leave && given.length >= job.leave) break;
    }
  } catch (error) {
    if (error instanceof NoSuchCallError) return report({ none: error.message });
    raised = { error };
  }
  report({});
}

/** Answer the cases on stdin until it ends. */
export async function serve(driver) {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  // An error that nobody awaits is not what the application sees; it must not end the driver.
  process.on("unhandledRejection", () => {});
  process.on("uncaughtException", (error) => process.stderr.write(`uncaught: ${error?.stack ?? error}\n`));
  const say = (result) => write(JSON.stringify(result) + "\n");
  say({ ready: true });
  for await (const line of createInterface({ input: process.stdin })) await run(driver, JSON.parse(line), say);
  process.exit(0);
}
