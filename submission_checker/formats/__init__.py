"""Plain readers with limits and line numbers: JSON with pointers, conf files, texts, YAML."""
