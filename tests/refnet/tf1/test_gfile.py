def test_files_and_folders(tf, tmp_path):
    folder = str(tmp_path / "a" / "b")
    tf.gfile.MakeDirs(folder)
    tf.gfile.MakeDirs(folder)
    with tf.gfile.GFile(f"{folder}/text", "w") as file:
        file.write("words")
    assert tf.gfile.ListDirectory(folder) == ["text"]
    assert tf.gfile.Exists(f"{folder}/text")
    assert not tf.gfile.IsDirectory(f"{folder}/text")
    tf.gfile.DeleteRecursively(str(tmp_path / "a"))
    assert not tf.gfile.Exists(folder)
