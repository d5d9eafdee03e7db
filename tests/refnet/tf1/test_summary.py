import json

import numpy as np
import pytest


def test_values_are_written_by_name_and_step(tf, tmp_path):
    x = tf.placeholder(tf.float32, [3])
    assert tf.summary.merge_all() is None
    tf.summary.scalar("loss", tf.reduce_sum(x))
    tf.summary.histogram("x", x)
    merged = tf.summary.merge_all()
    folder = tmp_path / "logs"
    with tf.Session() as session, tf.summary.FileWriter(str(folder), session.graph) as writer:
        for step in range(2):
            _, summary = session.run([x, merged], {x: [1, 2, 3 + step]})
            writer.add_summary(summary, step)
        writer.flush()
    lines = [json.loads(line) for line in (folder / "summaries.jsonl").read_text().splitlines()]
    assert lines[0] == {"name": "loss", "step": 0, "value": 6.0}
    assert lines[2]["value"] == 7.0
    expected = {"name": "x", "step": 0, "shape": [3], "min": 1.0, "max": 3.0, "mean": 2.0}
    assert lines[1] == expected | {"std": pytest.approx(np.std([1, 2, 3]))}


def test_names_are_numbered_and_summaries_chosen(tf):
    a = tf.summary.scalar("loss", tf.constant(1.0), collections=["train"])
    b = tf.summary.scalar("loss", tf.constant(2.0), family="test")
    assert [*a, *b] == ["loss", "test/loss"]
    assert tf.summary.scalar("loss", tf.constant(3.0), collections=[]).keys() == {"loss_1"}
    assert tf.summary.merge_all("train") == a
    assert tf.summary.merge_all(scope="test") == b
    assert tf.Session().run(tf.summary.merge([a, b])) == {"loss": 1.0, "test/loss": 2.0}


def test_a_summary_that_no_session_has_run_is_refused(tf, tmp_path):
    summary = tf.summary.scalar("loss", tf.constant(1.0))
    with (
        tf.summary.FileWriter(str(tmp_path)) as writer,
        pytest.raises(TypeError, match="which no session has run"),
    ):
        writer.add_summary(summary, 0)


def test_images_and_sounds_are_described_as_arrays(tf, tmp_path):
    merged = tf.summary.merge(
        [
            tf.summary.image("digit", tf.ones([2, 3, 3, 1]), max_outputs=1),
            tf.summary.audio("sound", tf.zeros([2, 8]), 16000, collections=["mine"]),
        ]
    )
    with tf.Session() as session, tf.summary.FileWriter(str(tmp_path)) as writer:
        writer.add_run_metadata(tf.RunMetadata(), "step0", 0)
        writer.add_summary(session.run(merged), 4)
    lines = [json.loads(line) for line in (tmp_path / "summaries.jsonl").read_text().splitlines()]
    assert [line["name"] for line in lines] == ["digit", "sound"]
    assert lines[0]["shape"] == [2, 3, 3, 1]
    assert lines[1]["mean"] == 0
