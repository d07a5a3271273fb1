"""questions.py DOCUMENT RUN: what an auditor asks of `ouro ledger`, in SPARQL, against the run's own files; and the keys that
Croissant 1.1 requires."""
import hashlib
import json
import os
import sys

import rdflib

document, run = sys.argv[1:]
prefixes = """PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX ouro: <urn:ouro:terms:>
PREFIX sc: <http://schema.org/> PREFIX cr: <http://mlcommons.org/croissant/> """
graph = rdflib.Graph()
graph.parse(document, format="json-ld")


def ask(question):
    return [[str(value) for value in row] for row in graph.query(prefixes + question)]


with open(os.path.join(run, "ledger.jsonl")) as file:
    ledger = [json.loads(line) for line in file]
(fifth,) = [line for line in ledger if line["point"] == 0 and line["generation"] == 5]
model = "?m a ouro:Model; ouro:point 0; ouro:generation 5"

# which batches fed model 5, and the last one of each point? (down to single ones, through what the ledger folds)
last = {line["point"]: line for line in ledger}
for line in [fifth, *last.values()]:
    it = "?m a ouro:Model; ouro:point %d; ouro:generation %d" % (line["point"], line["generation"])
    fed = {
        b.rsplit("/", 1)[1]
        for (b,) in ask("SELECT ?b { %s; prov:wasGeneratedBy/prov:used/prov:hadMember* ?b . ?b prov:wasGeneratedBy ?d }" % it)
    }
    role = {d["id"]: d["role"] for other in ledger if other["point"] == line["point"] for d in other["drawn"]}
    expected = {str(i) for e in line["pool"] for i in range(e["id"], e["last_id"] + 1) if role[i] == e["role"]}
    assert fed == expected and fed, (fed, expected)

# the share of synthetic points?
(((share,)),) = ask("SELECT ?s { %s; ouro:syntheticRatio ?s }" % model)
assert abs(float(share) - fifth["synthetic_share"]) < 1e-12, share

# the checksum of trajectories.csv?
(((digest,)),) = ask("SELECT ?h { ?f a cr:FileObject; sc:name ?n; sc:sha256 ?h FILTER(str(?n) = 'trajectories.csv') }")
assert digest == hashlib.sha256(open(os.path.join(run, "trajectories.csv"), "rb").read()).hexdigest(), digest

# every batch that was drawn stands there, and a synthetic one comes from the model before
batches = ask("SELECT ?b ?g { ?b a ouro:Batch; prov:wasGeneratedBy/prov:used ?g }")
assert len(batches) == sum(len(line["drawn"]) for line in ledger), len(batches)
assert sum("/model/" in g for _, g in batches) == sum(d["role"] == "synthetic" for line in ledger for d in line["drawn"])

# which fits went back to an earlier model, and to which?
back = ask("SELECT ?p ?t ?g { ?m a ouro:Model; ouro:point ?p; ouro:generation ?t; ouro:rolledBackTo/ouro:generation ?g }")
expected = [[line["point"], line["generation"], line["rollback"]["to"]] for line in ledger if line["rollback"]]
assert sorted([round(float(x)) for x in row] for row in back) == expected, (back, expected)

# which models would not be what they are without flagged data? Those with a flagged batch upstream, and their taint says so
tainted = ask("SELECT DISTINCT ?p ?t { ?b ouro:flagged true . ?m (prov:wasDerivedFrom|prov:hadMember)+ ?b; a ouro:Model; "
              "ouro:point ?p; ouro:generation ?t }")
expected = [[line["point"], line["generation"]] for line in ledger if line["taint"]]
assert sorted([round(float(x)) for x in row] for row in tainted) == expected, (tainted, expected)
assert len(ask("SELECT ?m { ?m ouro:taint ?x }")) == sum(line["taint"] is not None for line in ledger)
assert len(ask("SELECT ?b { ?b ouro:flagged true . ?b prov:wasGeneratedBy ?d }")) == sum(
    d["flagged"] is True for line in ledger for d in line["drawn"])

# what Croissant 1.1 requires of a data set, checked against its list
with open(document) as file:
    root = json.load(file)
for key in ["@context", "@type", "conformsTo", "description", "license", "name", "url", "creator", "datePublished", "distribution"]:
    assert root.get(key), key
assert root["@type"] == "sc:Dataset" and "http://mlcommons.org/croissant/1.1" in root["conformsTo"]
assert not any(isinstance(part, str) and part.startswith("http") for part in [root["@context"]]), "a context on the network"
assert {f["name"] for f in root["distribution"]} == set(os.listdir(run))
for table in root["recordSet"]:
    with open(os.path.join(run, table["name"])) as file:
        header = file.readline().rstrip("\n").split(",")
    assert [f["source"]["extract"]["column"] for f in table["field"]] == header, table["name"]
    assert all(f["dataType"] in ("sc:Integer", "sc:Float", "sc:Text") and f["description"] for f in table["field"])
(points,) = [f for f in root["recordSet"][0]["field"] if f["name"] == "training_points"]
assert points["unitText"] == "points"
