"""What a data engineer would write to read a Tmall shop with other tools' SDKs, each in an environment of its own."""
