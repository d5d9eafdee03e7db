"""TensorFlow's example programs: what they import beside ``tf`` itself."""
