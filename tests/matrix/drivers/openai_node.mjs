// Driver for openai-node, read as its README reads it, without the guards.

import OpenAI from "openai";
import { NoSuchCallError, addCall, serve, usage } from "./talk.mjs";

const OpenAIError = OpenAI.OpenAIError;

function counts(of) {
  return usage(of.prompt_tokens, of.completion_tokens, of.total_tokens);
}

function readStream(chunks, job, answer) {
  Object.assign(answer, { text: "", finish: null, usage: null });
  if (job.endpoint === "chat") answer._calls = new Map();
  for (const chunk of chunks) {
    if ("stream_options" in job.body) {
      // Who asks for usage knows of the chunk that has nothing else, and no application but those has this.
      if (chunk.usage) answer.usage = counts(chunk.usage);
      if (chunk.choices.length === 0) continue;
    }
    const choice = chunk.choices[0];
    if (job.endpoint === "completions") {
      answer.text += choice.text ?? "";
    } else {
      const delta = choice.delta;
      if (delta.content) answer.text += delta.content;
      for (const call of delta.tool_calls ?? []) {
        addCall(answer, call.index, call.id, call.function.name, call.function.arguments);
      }
    }
    if (choice.finish_reason) answer.finish = choice.finish_reason;
  }
}

function readWhole(one, job, answer) {
  const choice = one.choices[0];
  if (job.endpoint === "completions") {
    answer.text = choice.text;
  } else {
    answer.text = choice.message.content ?? "";
    answer.tool_calls = (choice.message.tool_calls ?? []).map((call) => ({
      id: call.id,
      name: call.function.name,
      arguments: call.function.arguments,
    }));
  }
  answer.finish = choice.finish_reason ?? null;
  answer.usage = one.usage ? counts(one.usage) : null;
}

await serve({
  own: (error) => error instanceof OpenAIError,

  open(job) {
    return new OpenAI({
      baseURL: job.url,
      apiKey: job.key,
      defaultHeaders: job.headers,
      timeout: job.timeout * 1000,
      ...(job.retries === null ? {} : { maxRetries: job.retries }),
    });
  },

  async *ask(client, job) {
    if (job.endpoint === "models") {
      for await (const model of client.models.list()) yield model;
      return;
    }
    if (job.endpoint === "model") {
      yield await client.models.retrieve(job.model);
      return;
    }
    let answer;
    if (job.endpoint === "chat") answer = await client.chat.completions.create(job.body);
    else if (job.endpoint === "completions") answer = await client.completions.create(job.body);
    else throw new NoSuchCallError(`no method for ${job.endpoint}`);
    if (job.body.stream) yield* answer;
    else yield answer;
  },

  read(given, job, answer) {
    if (job.endpoint === "models" || job.endpoint === "model") {
      answer.models = [];
      for (const one of given) answer.models.push(one.id);
    } else if (job.body.stream) {
      readStream(given, job, answer);
    } else {
      for (const one of given) readWhole(one, job, answer);
    }
  },
});
