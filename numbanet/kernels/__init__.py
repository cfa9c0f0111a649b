"""What stands below all backends: bodies as data, memory, threads, recorded launches, arrays of devices."""
