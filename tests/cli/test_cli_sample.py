"""Requests that are made up: whatever a rule asks of a request, one is found that it answers."""

from __future__ import annotations

import pytest

from mockoai.cli.planned import sample
from mockoai.cli.sample import ROUTES, VARIANTS, request
from mockoai.scenario.load import load_text
from mockoai.scenario.model import Rule


@pytest.mark.parametrize(
    "when",
    [
        "{}",
        "{ endpoint: chat }",
        "{ endpoint: completions }",
        "{ endpoint: embeddings }",
        "{ endpoint: models }",
        "{ endpoint: model }",
        "{ endpoint: model, model: acme/large }",
        "{ endpoint: unknown }",
        "{ endpoint: [embeddings, models] }",
        "{ stream: true }",
        "{ stream: false }",
        '{ model: "gpt-4o*" }',
        '{ model: "*-mini" }',
        '{ model: "local-?b" }',
        '{ model: [nobody, "g*"] }',
        "{ message: weather? }",
        "{ message: { equals: ping } }",
        "{ message: { contains: Paris } }",
        "{ message: { contains: umbrella } }",
        '{ message: { glob: "tell me * a ?og" } }',
        '{ message: { regex: "^[a-f]{4}-\\\\d+$" } }',
        "{ header: { x-tenant: acme } }",
        '{ header: { x-tenant: { glob: "a*e" } } }',
        "{ header: { x-trace: { exists: true } } }",
        "{ header: { x-trace: { exists: false } } }",
        '{ header: { authorization: "Bearer other" } }',
        "{ body: { temperature: { gt: 1 } } }",
        "{ body: { temperature: { ge: 1.5 } } }",
        "{ body: { max_tokens: { lt: 50 } } }",
        "{ body: { max_tokens: { le: 5 } } }",
        '{ body: { "tools[0].function.name": get_weather } }',
        '{ body: { "tools[0].function.name": other } }',
        '{ body: { "messages[0].role": user } }',
        '{ body: { "messages[*].role": system } }',
        '{ body: { "tools[*].function.name": other } }',
        "{ method: GET }",
        "{ method: [GET, POST] }",
        "{ method: PUT, body: { temperature: 1 } }",
        "{ method: DELETE, endpoint: unknown, body: { a: 1 } }",
        "{ method: POST, endpoint: models }",
        "{ body: { stream_options.include_usage: true } }",
        "{ body: { metadata.team: { exists: true } } }",
        "{ body: { user: { exists: false } } }",
        "{ body: { metadata.team: { exists: false } } }",
        "{ body: { user: { contains: abc } } }",
        "{ body: { stop: null } }",
        "{ call: 3 }",
        "{ call: 2..4 }",
    ],
)
def test_a_rule_is_met(when: str) -> None:
    scenario = load_text(f"id: s\nrules:\n  - when: {when}\n    reply: {{ text: hi }}\n")
    planned = sample(scenario)
    assert planned.answer.basis is not None, planned.answer.near
    assert planned.answer.basis[1] is scenario.rules[0]


def test_every_variant_of_every_endpoint_is_a_request_that_openai_accepts() -> None:
    scenario = load_text("id: s\n")
    from mockoai.cli.planned import plan

    for endpoint in ROUTES:
        for fields in VARIANTS.get(endpoint, ({},)):
            planned = plan(scenario, request(endpoint, "gpt-4o-mini", fields, Rule()), 1)
            expected = 404 if endpoint == "unknown" else 200
            assert planned.answer.plan.status == expected, (endpoint, fields, planned.answer.plan.data[-400:])


def test_a_model_is_taken_from_the_scenarios_list() -> None:
    planned = sample(load_text("id: s\nmodels: [small, large]\n"))
    assert planned.request.model == "small"
    assert planned.answer.plan.status == 200
