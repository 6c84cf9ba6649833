// Driver for the Vercel AI SDK with one of its two providers, named by the first argument.
//
// The SDK does not throw from a stream: errors are parts of it. What came as a part of its own kind for an error, an
// abort, an invalid tool call or a finish reason that stands for a failure, counts as reported by the SDK.

import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, streamText, tool } from "ai";
import { NoSuchCallError, serve, usage } from "./talk.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

const PROVIDER = process.argv[2];
const NAME = "mock";
const UNNAMED = ["logprobs", "top_logprobs", "suffix", "n", "echo"];
const FAILED = ["error", "interrupted"];

function provider(job) {
  const settings = { baseURL: job.url, apiKey: job.key, headers: job.headers };
  if (PROVIDER === "openai") return createOpenAI(settings);
  return createOpenAICompatible({ ...settings, name: NAME, includeUsage: "stream_options" in job.body });
}

function model(job) {
  const made = provider(job);
  const id = job.body.model;
  if (job.endpoint === "chat") return PROVIDER === "openai" ? made.chat(id) : made.chatModel(id);
  if (job.endpoint === "completions") return PROVIDER === "openai" ? made.completion(id) : made.completionModel(id);
  throw new NoSuchCallError("the SDK has models, but no list of them");
}

function options(job, made) {
  const { body } = job;
  if (body.prompt !== undefined && typeof body.prompt !== "string") throw new NoSuchCallError("a prompt is one text");
  // What the SDK has no name for goes the way that each provider has for it.
  const own = Object.fromEntries(UNNAMED.filter((name) => name in body).map((name) => [name, body[name]]));
  const call = {
    model: made,
    ...(body.messages ? { messages: body.messages } : { prompt: body.prompt }),
    ...(job.retries === null ? {} : { maxRetries: job.retries }),
    ...(body.max_tokens ? { maxOutputTokens: body.max_tokens } : {}),
    providerOptions: { [PROVIDER === "openai" ? "openai" : NAME]: own },
  };
  if (body.tools) {
    call.tools = Object.fromEntries(
      body.tools.map(({ function: { name, description, parameters } }) => [
        name,
        tool({ description, inputSchema: jsonSchema(parameters) }),
      ]),
    );
    if (body.tool_choice) call.toolChoice = body.tool_choice;
  }
  // Its limits are on the whole call with all its retries, so they are set only where nothing is tried again.
  if (job.retries !== null) {
    const limit = job.timeout * 1000;
    call.timeout = body.stream ? { firstChunkMs: limit, chunkMs: limit } : limit;
  }
  return call;
}

// The SDK's names for the reasons of the API.
const finish = (reason) => (reason === undefined ? null : reason.replaceAll("-", "_"));
const counts = (of) => usage(of?.inputTokens, of?.outputTokens, of?.totalTokens);

function readCall(call) {
  const input = call.input;
  return {
    id: call.toolCallId,
    name: call.toolName,
    arguments: typeof input === "string" ? input : JSON.stringify(input),
  };
}

await serve({
  own: (error) => String(error?.name).startsWith("AI_"),

  reads: true,

  open: model,

  async *ask(made, job) {
    if (job.body.stream) yield* streamText({ ...options(job, made), onError: () => {} }).fullStream;
    else yield await generateText(options(job, made));
  },

  read(given, job, answer) {
    if (!job.body.stream) {
      for (const one of given) {
        answer.text = one.text;
        answer.tool_calls = one.toolCalls.map(readCall);
        answer.finish = finish(one.finishReason);
        answer.usage = counts(one.totalUsage);
        answer.reasoning = one.reasoningText ?? null;
      }
      return;
    }
    Object.assign(answer, { text: "", finish: null, usage: null, tool_calls: [], reasoning: null });
    for (const part of given) {
      if (part.type === "text-delta") answer.text += part.text;
      else if (part.type === "reasoning-delta") answer.reasoning = (answer.reasoning ?? "") + part.text;
      else if (part.type === "tool-call") answer.tool_calls.push(readCall(part));
      else if (part.type === "finish") {
        answer.finish = finish(part.finishReason);
        answer.usage = counts(part.totalUsage);
      }
    }
  },

  notices(given) {
    const found = [];
    const noticed = (kind, message) => found.push({ own: true, class: kind, message, cause: "" });
    const parts = given.flatMap((one) => (one.type === undefined && one.toolCalls ? one.toolCalls : [one]));
    for (const part of parts) {
      if (part.type === "error") found.push(part.error);
      else if (part.type === "abort") noticed("abort", String(part.reason?.message ?? part.reason ?? "aborted"));
      else if (part.type === "tool-call" && part.invalid) noticed("invalid tool call", String(part.error?.message ?? part.error));
      else if (part.type === "finish" && FAILED.includes(part.finishReason)) noticed("finish reason", part.finishReason);
    }
    for (const one of given) {
      if (one.type === undefined && FAILED.includes(one.finishReason)) noticed("finish reason", one.finishReason);
    }
    return found;
  },
});
