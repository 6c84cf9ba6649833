// Everything an application does with the SDK, against the server named on the command line; prints one JSON object.
import OpenAI from "openai";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";

const client = new OpenAI({ baseURL: process.argv[2], apiKey: "sk-test", maxRetries: 0 });
const ask = (content, more = {}) => ({ model: "gpt-4o", messages: [{ role: "user", content }], ...more });
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};

const out = {};

out.models = (await client.models.list()).data.map((model) => model.id);
out.model = (await client.models.retrieve("gpt-4o")).id;

const chat = await client.chat.completions.create(ask("Hello"));
out.chat = {
  text: chat.choices[0].message.content,
  finish: chat.choices[0].finish_reason,
  usage: chat.usage,
  requestId: chat._request_id,
};

const stream = await client.chat.completions.create(
  ask("Hello", { stream: true, stream_options: { include_usage: true } }),
);
out.stream = { text: "", chunks: 0, finish: null, usage: null };
for await (const chunk of stream) {
  out.stream.chunks += 1;
  out.stream.text += chunk.choices[0]?.delta?.content ?? "";
  out.stream.finish ??= chunk.choices[0]?.finish_reason ?? null;
  out.stream.usage ??= chunk.usage ?? null;
}

const helper = client.chat.completions.stream(ask("What is the weather?", { tools: [weather], tool_choice: "required" }));
const called = await helper.finalChatCompletion();
out.tools = called.choices[0].message.tool_calls.map((call) => ({
  id: call.id,
  name: call.function.name,
  arguments: JSON.parse(call.function.arguments),
}));
out.toolsFinish = called.choices[0].finish_reason;

const runner = client.chat.completions.runTools({
  ...ask("What is the weather?"),
  tool_choice: "auto",
  tools: [{ type: "function", function: { ...weather.function, parse: JSON.parse, function: () => "sunny" } }],
});
out.runTools = await runner.finalContent();

const Person = z.object({ name: z.string(), age: z.number().int(), tags: z.array(z.string()) });
const parsed = await client.chat.completions.parse(
  ask("Who?", { response_format: zodResponseFormat(Person, "person") }),
);
out.parsed = parsed.choices[0].message.parsed;

const legacy = await client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "Once", max_tokens: 5 });
out.completion = { id: legacy.id, text: legacy.choices[0].text, finish: legacy.choices[0].finish_reason };
const legacyStream = await client.completions.create({ model: "gpt-3.5-turbo-instruct", prompt: "Once", stream: true });
out.completionStream = "";
for await (const chunk of legacyStream) out.completionStream += chunk.choices[0].text;

const vectors = await client.embeddings.create({ model: "text-embedding-3-small", input: ["a", "b"], dimensions: 8 });
out.embeddings = vectors.data.map((entry) => entry.embedding);

out.errors = {};
const expectError = async (name, call) => {
  try {
    await call();
    out.errors[name] = null;
  } catch (error) {
    out.errors[name] = { class: error.constructor.name, status: error.status, code: error.code, message: error.message };
  }
};
await expectError("model", () => client.models.retrieve("no-such-model"));
await expectError("temperature", () => client.chat.completions.create(ask("Hello", { temperature: 9 })));
await expectError("messages", () => client.chat.completions.create({ model: "gpt-4o", messages: [] }));

console.log(JSON.stringify(out));
