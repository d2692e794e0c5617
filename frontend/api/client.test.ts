// Requests to a small fake of the API: headers, answers, refusals, silence.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError, createApi, csrfToken, errorOf } from "./client";

type Answer = () => Promise<Response>;
let asked: { url: string; init: RequestInit }[] = [];
let answer: Answer;

beforeEach(() => {
  asked = [];
  vi.stubGlobal("document", { cookie: "a=1; csrftoken=tok%3D; b=2" });
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

const json =
  (status: number, body: unknown): Answer =>
  async () =>
    new Response(body === undefined ? null : JSON.stringify(body), { status });

const onSignedOut = vi.fn();
const api = createApi({ base: "/api/v1/", tenant: "acme", onSignedOut });

async function refusal(request: Promise<unknown>): Promise<ApiError> {
  return request.then(
    () => Promise.reject(new Error("It was answered")),
    (error: ApiError) => error,
  );
}

describe("asking", () => {
  test("every request names the tenant; writes carry the token", async () => {
    answer = json(200, { ok: true });
    await api.get("inbox/");
    await api.send("POST", "tickets/1/messages/", { text: "oi" }, { "Idempotency-Key": "k" });
    expect(asked.map((one) => one.url)).toEqual(["/api/v1/inbox/", "/api/v1/tickets/1/messages/"]);
    expect(asked[0]?.init.headers).toMatchObject({ "X-Tenant": "acme" });
    expect(asked[1]?.init.headers).toMatchObject({
      "X-Tenant": "acme",
      "X-CSRFToken": "tok=",
      "Idempotency-Key": "k",
      "Content-Type": "application/json",
    });
    expect(asked[1]?.init.body).toBe('{"text":"oi"}');
  });

  test("an empty answer is an answer", async () => {
    answer = json(204, undefined);
    expect(await api.send("DELETE", "connections/1/run/")).toBeUndefined();
  });
});

describe("refusals", () => {
  test("carry the code, the words and the fields", async () => {
    answer = json(409, { code: "already_taken", message: "…", fields: { assignee: { name: "Ana" } } });
    const error = await refusal(api.send("POST", "tickets/1/assignment/"));
    expect(error).toMatchObject({ status: 409, code: "already_taken", isPassing: false });
    expect(error.fields.assignee).toEqual({ name: "Ana" });
  });

  test("a page instead of JSON is told by its status", () => {
    expect(errorOf(413, null)).toMatchObject({ code: "http_413", message: "" });
  });

  test("being signed out is told once more", async () => {
    answer = json(401, { code: "not_authenticated", message: "" });
    await refusal(api.get("inbox/"));
    expect(onSignedOut).toHaveBeenCalledOnce();
  });

  test.each([
    [502, true],
    [503, true],
    [429, true],
    [500, false],
    [400, false],
    [404, false],
  ])("%i may pass by itself: %s", (status, isPassing) => {
    expect(errorOf(status, null).isPassing).toBe(isPassing);
  });
});

describe("silence", () => {
  test("no network is a passing trouble", async () => {
    answer = () => Promise.reject(new TypeError("Failed to fetch"));
    expect(await refusal(api.get("inbox/"))).toMatchObject({ code: "offline", isPassing: true });
  });

  test("a request that was called off says so", async () => {
    const cancel = new AbortController();
    answer = () => {
      cancel.abort();
      return Promise.reject(new DOMException("", "AbortError"));
    };
    expect(await refusal(api.get("inbox/", cancel.signal))).toMatchObject({ code: "cancelled" });
  });

  test("a portal's page in place of the API's answer is no answer", async () => {
    answer = async () => new Response("<html>", { status: 200 });
    expect(await refusal(api.get("inbox/"))).toMatchObject({ code: "offline" });
  });
});

test("the token is found among other cookies, and may be missing", () => {
  expect(csrfToken("csrftoken=x")).toBe("x");
  expect(csrfToken("notcsrftoken=x; b=1")).toBe("");
});
