// A small program that streams an answer, to run against failures:
//   mockoai run 'sse/*' fin-mid-chunked rate-limit-tokens -- node ask.mjs
// It prints the answer when it got all of it, and otherwise says so and ends with 1.

const response = await fetch(`${process.env.OPENAI_BASE_URL}/chat/completions`, {
  method: "POST",
  headers: { "content-type": "application/json", authorization: `Bearer ${process.env.OPENAI_API_KEY}` },
  body: JSON.stringify({ model: "gpt-4o", stream: true, messages: [{ role: "user", content: "Hello" }] }),
  signal: AbortSignal.timeout(10_000),
}).catch((error) => fail(error.message));

if (!response.ok) fail(`HTTP ${response.status}`);

let text = "";
let finished = false;
try {
  for await (const event of events(response.body)) {
    if (event === "[DONE]") break;
    const { error, choices = [] } = JSON.parse(event);
    if (error) fail(error.message ?? JSON.stringify(error));
    text += choices[0]?.delta?.content ?? "";
    finished ||= Boolean(choices[0]?.finish_reason);
  }
} catch (error) {
  fail(error.message);
}
if (!finished) fail("the answer was cut");
console.log(text);

// The data of every event (WHATWG HTML §9.2.6): lines end in CR LF, LF or CR, events in an empty line.
async function* events(body) {
  let rest = "";
  let data = [];
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "" && data.length) {
        yield data.join("\n");
        data = [];
      } else if (line.startsWith("data:")) {
        data.push(line.slice(5).replace(/^ /, ""));
      }
    }
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
